package io.crij.image.registry.transport;

import java.time.Duration;

/**
 * How patient we are with a registry.
 *
 * @param headers how long the head of an answer may take, including the connection
 * @param stall how long a download may take for each {@link #STEP_BYTES}; a small document, for all
 *     of it
 * @param attempts how often the last host is asked when it is overloaded or unreachable; one that
 *     keeps silent, half as often
 * @param attemptsBefore the same for a host that others follow
 * @param firstPause before the second attempt; doubled for each further one
 * @param longestPause also when a registry's Retry-After asks for more
 */
public record Timing(
    Duration headers,
    Duration stall,
    int attempts,
    int attemptsBefore,
    Duration firstPause,
    Duration longestPause) {
  /** Progress worth the name: less than this within {@link #stall} is none. */
  public static final int STEP_BYTES = 64 << 10;

  public static final Timing DEFAULT =
      new Timing(
          Duration.ofSeconds(60),
          Duration.ofSeconds(60),
          5,
          2,
          Duration.ofMillis(500),
          Duration.ofSeconds(30));

  /** How long to wait after so many failed attempts. */
  public Duration pause(int failed) {
    Duration pause = firstPause.multipliedBy(1L << Math.min(failed - 1, 16));
    return pause.compareTo(longestPause) < 0 ? pause : longestPause;
  }
}
