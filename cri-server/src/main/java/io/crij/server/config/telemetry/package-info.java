/** What crijd tells of itself, and to whom: logs, metrics and traces. */
@NullMarked
package io.crij.server.config.telemetry;

import org.jspecify.annotations.NullMarked;
