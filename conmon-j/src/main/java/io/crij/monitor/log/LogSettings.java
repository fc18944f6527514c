package io.crij.monitor.log;

import io.crij.monitor.v1.FloodPolicy;
import io.crij.monitor.v1.LogConfig;

/**
 * How a container's output is logged.
 *
 * @param path empty: output is dropped
 * @param maxBytes at this size the log starts again from empty; 0: no limit
 * @param dropsFloods whether output beyond what can or may be logged is dropped and counted; else
 *     the container waits
 * @param bytesPerSecond what may be logged; 0: no limit
 */
public record LogSettings(String path, long maxBytes, boolean dropsFloods, long bytesPerSecond) {
  public static LogSettings of(LogConfig config) {
    return new LogSettings(
        config.getPath(),
        config.getMaxBytes(),
        config.getFloodPolicy() == FloodPolicy.FLOOD_POLICY_DROP,
        config.getBytesPerSecond());
  }
}
