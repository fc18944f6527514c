/** Cgroups of either version as folders: what is in them, and what happens to it. */
@NullMarked
package io.crij.linux.cgroup;

import org.jspecify.annotations.NullMarked;
