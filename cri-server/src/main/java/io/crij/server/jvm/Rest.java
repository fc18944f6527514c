package io.crij.server.jvm;

import java.time.Duration;

/** Whether a process has come to rest after work, by its CPU time, looked at in equal intervals. */
final class Rest {
  /** In one interval: a node that is asked for its pods takes less. */
  private static final Duration MOST_AT_REST = Duration.ofSeconds(1);

  /** In all, since it rested last: what a few pods take. */
  private static final Duration WORK = Duration.ofSeconds(1);

  private Duration last = Duration.ZERO;
  private Duration lastRest = Duration.ZERO;

  /**
   * Asks; to be called once an interval.
   *
   * @param cpu the process' CPU time so far
   */
  boolean isAfterWork(Duration cpu) {
    boolean rests = cpu.minus(last).compareTo(MOST_AT_REST) < 0;
    last = cpu;
    if (!rests || cpu.minus(lastRest).compareTo(WORK) < 0) {
      return false;
    }
    lastRest = cpu;
    return true;
  }
}
