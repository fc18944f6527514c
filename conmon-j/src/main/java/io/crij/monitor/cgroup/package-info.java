/** The cgroups of containers, of either version: what is in them, and what happens to it. */
@NullMarked
package io.crij.monitor.cgroup;

import org.jspecify.annotations.NullMarked;
