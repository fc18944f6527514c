@NullMarked
package io.crij.runtime.cgroup;

import org.jspecify.annotations.NullMarked;
