/** The monitor of all containers of a node. */
@NullMarked
package io.crij.monitor;

import org.jspecify.annotations.NullMarked;
