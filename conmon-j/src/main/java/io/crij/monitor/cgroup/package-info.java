/** The cgroups of containers and of what is executed in them. */
@NullMarked
package io.crij.monitor.cgroup;

import org.jspecify.annotations.NullMarked;
