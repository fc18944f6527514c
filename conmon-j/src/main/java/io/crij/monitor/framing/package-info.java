/** The form of container logs: which lines output becomes. No files, no clocks. */
@NullMarked
package io.crij.monitor.framing;

import org.jspecify.annotations.NullMarked;
