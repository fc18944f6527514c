/** Control groups of the node, versions 1 and 2 (cgroups(7)). */
@NullMarked
package io.crij.runtime.cgroup;

import org.jspecify.annotations.NullMarked;
