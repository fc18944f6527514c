package io.crij.monitor.upgrade;

import io.crij.monitor.v1.HandOver;

/** The monitor, as an upgrade sees it; on the loop's thread. */
public interface RunningMonitor {
  /** All it would hand over now. */
  HandOver handOver();

  /** Begins nothing new from now on; what is under way goes on. */
  void pause();

  /** Whether nothing is under way that only this program can end. */
  boolean isAtRest();

  /** The next step is the last one. */
  void leaving();

  /** Goes on after {@link #pause}: there was no upgrade. */
  void resume();
}
