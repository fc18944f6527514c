package io.crij.monitor.log;

import io.crij.monitor.v1.FloodPolicy;
import io.crij.monitor.v1.LogConfig;
import java.util.List;

/**
 * How a container's output is logged.
 *
 * @param path empty: output is dropped
 * @param maxBytes at this size the log starts again from empty; 0: no limit
 * @param dropsFloods whether output beyond what can or may be logged is dropped and counted; else
 *     the container waits
 * @param bytesPerSecond what may be logged; 0: no limit
 * @param isSynced whether it is on the disk once it is opened again, or has ended
 * @param journalFields {@code NAME=value}, what each line has in the journal of the node; none: it
 *     is not copied there
 */
public record LogSettings(
    String path,
    long maxBytes,
    boolean dropsFloods,
    long bytesPerSecond,
    boolean isSynced,
    List<String> journalFields) {
  public LogSettings {
    journalFields = List.copyOf(journalFields);
  }

  public static LogSettings of(LogConfig config) {
    return new LogSettings(
        config.getPath(),
        config.getMaxBytes(),
        config.getFloodPolicy() == FloodPolicy.FLOOD_POLICY_DROP,
        config.getBytesPerSecond(),
        config.getSync(),
        config.getJournalFieldsList());
  }
}
