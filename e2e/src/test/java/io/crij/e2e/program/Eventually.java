package io.crij.e2e.program;

import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what happens by itself. */
public final class Eventually {
  private static final Duration STEP = Duration.ofMillis(50);

  private Eventually() {}

  /**
   * Looks until a condition holds.
   *
   * @param otherwise what to say when it does not within the limit
   */
  public static void holds(Duration limit, BooleanSupplier condition, Supplier<String> otherwise) {
    Instant deadline = Instant.now().plus(limit);
    while (!condition.getAsBoolean()) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError("not within " + limit + ": " + otherwise.get());
      }
      try {
        Thread.sleep(STEP);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted: " + otherwise.get(), e);
      }
    }
  }
}
