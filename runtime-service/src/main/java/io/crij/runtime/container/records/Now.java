package io.crij.runtime.container.records;

import java.time.Instant;

/** The time as the CRI writes it. */
public final class Now {
  private static final long NANOS = 1_000_000_000L;

  private Now() {}

  /** Nanoseconds since 1970. */
  public static long nanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * NANOS + now.getNano();
  }
}
