package io.crij.monitor.log;

/** What a container may log: so many bytes a second, saved up for a second at most. */
final class Allowance {
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final long bytesPerSecond;
  private long saved;
  private long sinceNanos = System.nanoTime();

  /**
   * @param bytesPerSecond 0: no limit
   */
  Allowance(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
    this.saved = bytesPerSecond;
  }

  /** How many bytes may be logged now; not positive where the last chunk has used them up. */
  long bytes(long nowNanos) {
    if (bytesPerSecond == 0) {
      return Long.MAX_VALUE;
    }
    long elapsed = Math.min(SECOND_NANOS, nowNanos - sinceNanos);
    long earned = (long) ((double) bytesPerSecond * elapsed / SECOND_NANOS);
    if (earned > 0) {
      saved = Math.min(bytesPerSecond, saved + earned);
      sinceNanos = nowNanos;
    }
    return saved;
  }

  /** Takes off what was logged; a chunk may take more than there was. */
  void use(long bytes) {
    if (bytesPerSecond > 0) {
      saved -= bytes;
    }
  }

  /** How long it takes until something may be logged again; at least a millisecond. */
  long nanosUntilPositive() {
    double missing = 1.0 - saved;
    return Math.max(1_000_000, (long) (missing / bytesPerSecond * SECOND_NANOS));
  }
}
