package io.crij.monitor.log;

/**
 * When to look into a pipe again, and how much to take. Waking up is what costs with writers of
 * single lines, so input is left to gather until the pipe is half full: the writer has the other
 * half meanwhile. Of a pipe that is full only half is taken at once, so that its writer fills that
 * half again while the other is being logged; else writer and monitor would wait for each other.
 */
final class Pace {
  /** No input gathers longer. */
  static final long LONGEST_NANOS = 1_000_000;

  private static final long SHORTEST_NANOS = 50_000;

  private static final int PAGE_BYTES = 4096;

  private long halfFullNanos = LONGEST_NANOS;
  private long lookedAtNanos = System.nanoTime();
  private boolean crowded;

  /**
   * What a look has found.
   *
   * @param seen how many bytes, at most {@code limit}
   * @param capacity of the pipe
   */
  void looked(int seen, int limit, int capacity, long nowNanos) {
    long elapsed = nowNanos - lookedAtNanos;
    lookedAtNanos = nowNanos;
    crowded = seen == limit || isFull(seen, capacity);
    if (crowded) {
      // Perhaps the writer had to wait: how fast it is, nobody knows.
      halfFullNanos = Math.max(SHORTEST_NANOS, Math.min(halfFullNanos, elapsed) / 2);
    } else {
      // Not at once: it may have been slow only because it had to wait the time before.
      long longest = Math.min(LONGEST_NANOS, halfFullNanos + halfFullNanos / 4);
      double nanosAByte = (double) elapsed / seen;
      halfFullNanos = Math.min(longest, (long) (nanosAByte * capacity / 2));
    }
  }

  /** Whether a pipe has no room: each page of it may have some, for what its writer writes next. */
  static boolean isFull(int bytes, int capacity) {
    return bytes + PAGE_BYTES > capacity;
  }

  /** How much of {@code bytes} to take at once. */
  int share(int bytes, int capacity) {
    return crowded ? Math.min(bytes, capacity / 2) : bytes;
  }

  /** How long it takes until the pipe is half full. */
  long halfFullNanos() {
    return halfFullNanos;
  }

  /** When the pipe that was emptied by the last look is half full, by {@link System#nanoTime}. */
  long nextLookNanos() {
    return lookedAtNanos + halfFullNanos;
  }
}
