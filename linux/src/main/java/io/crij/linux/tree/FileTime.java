package io.crij.linux.tree;

/**
 * A file's time of last change.
 *
 * @param seconds since 1970, may be negative
 * @param nanos 0 to 999 999 999, added to the seconds
 */
public record FileTime(long seconds, int nanos) {
  public static final FileTime EPOCH = new FileTime(0, 0);

  private static final int NANOS_PER_SECOND = 1_000_000_000;

  public FileTime {
    if (nanos < 0 || nanos >= NANOS_PER_SECOND) {
      throw new IllegalArgumentException("not nanoseconds of a second: " + nanos);
    }
  }

  /** struct timespec[2]: access and change alike. */
  long[] timespecs() {
    return new long[] {seconds, nanos, seconds, nanos};
  }
}
