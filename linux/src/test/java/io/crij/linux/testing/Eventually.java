package io.crij.linux.testing;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Waits for an effect that comes by itself, for as long as a loaded machine may take for it. */
public final class Eventually {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

  private Eventually() {}

  /** Something that may become true. */
  @FunctionalInterface
  public interface Condition {
    /** A failure means "not yet": what is looked at may not be there, or be half written. */
    boolean holds() throws Exception;
  }

  /**
   * Looks until a condition holds.
   *
   * @throws AssertionError when it does not within a minute, with what the last look threw
   */
  public static void await(Condition condition) {
    await("what the test waits for", condition);
  }

  /**
   * Looks until a condition holds.
   *
   * @param what is waited for, in words
   * @throws AssertionError when it does not within a minute, with what the last look threw
   */
  public static void await(String what, Condition condition) {
    long begin = System.nanoTime();
    Throwable failure;
    while ((failure = failureOf(condition)) != null) {
      if (System.nanoTime() - begin > LIMIT.toNanos()) {
        throw new AssertionError("not within " + LIMIT.toSeconds() + " s: " + what, failure);
      }
      pause(what);
    }
  }

  /** Null when it holds. */
  private static @Nullable Throwable failureOf(Condition condition) {
    try {
      return condition.holds() ? null : new AssertionError("it does not hold");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return e;
    } catch (Exception | AssertionError e) {
      return e;
    }
  }

  private static void pause(String what) {
    try {
      Thread.sleep(LOOK_AGAIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + what, e);
    }
  }
}
