package io.crij.image.download;

import java.util.concurrent.TimeUnit;

/** Tells whether a reader mostly waits, of late. */
final class Starvation {
  static final long WINDOW_MILLIS = 250;

  private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(WINDOW_MILLIS);

  private long windowStart = System.nanoTime();
  private long waitedNanos;

  /**
   * It waited from one time to another.
   *
   * @return whether it did so for most of the time since it was last said, which is long enough
   */
  boolean waited(long from, long to) {
    waitedNanos += to - from;
    if (to - windowStart < WINDOW_NANOS) {
      return false;
    }
    boolean mostly = waitedNanos > (to - windowStart) / 2;
    windowStart = to;
    waitedNanos = 0;
    return mostly;
  }
}
