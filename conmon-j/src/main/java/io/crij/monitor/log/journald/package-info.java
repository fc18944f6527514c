/** Copies of containers' logs in the journal of the node, systemd-journald(8). */
@NullMarked
package io.crij.monitor.log.journald;

import org.jspecify.annotations.NullMarked;
