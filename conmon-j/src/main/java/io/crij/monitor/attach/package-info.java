/** Clients that see a container's output as it comes, and write to its input. */
@NullMarked
package io.crij.monitor.attach;

import org.jspecify.annotations.NullMarked;
