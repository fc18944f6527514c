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
  public static void await(Condition condition) throws InterruptedException {
    await("what the test waits for", condition);
  }

  /**
   * Looks until a condition holds.
   *
   * @param what is waited for, in words
   * @throws AssertionError when it does not within a minute, with what the last look threw
   */
  public static void await(String what, Condition condition) throws InterruptedException {
    long begin = System.nanoTime();
    while (true) {
      Throwable failure = null;
      try {
        if (condition.holds()) {
          return;
        }
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception | AssertionError e) {
        failure = e;
      }
      if (System.nanoTime() - begin > LIMIT.toNanos()) {
        throw notInTime(what, failure);
      }
      Thread.sleep(LOOK_AGAIN);
    }
  }

  private static AssertionError notInTime(String what, @Nullable Throwable failure) {
    return new AssertionError("not within " + LIMIT.toSeconds() + " s: " + what, failure);
  }
}
