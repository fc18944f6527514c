package io.crij.image.polling;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

/** Waits for what others do, with a deadline. */
public final class Polling {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(5);

  private Polling() {}

  /**
   * Waits until a condition is met.
   *
   * @throws AssertionError when it is not in time
   */
  public static void until(String what, Callable<Boolean> condition) {
    long end = System.nanoTime() + LIMIT.toNanos();
    try {
      while (!condition.call()) {
        if (System.nanoTime() > end) {
          throw new AssertionError("not within " + LIMIT.toSeconds() + " s: " + what);
        }
        Thread.sleep(PAUSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting: " + what, e);
    } catch (Exception e) {
      throw new AssertionError("while waiting: " + what, e);
    }
  }

  /** Waits until all threads stand in a method of a class. */
  public static void untilIn(Class<?> type, List<Thread> threads) {
    until(
        "in " + type.getSimpleName(),
        () -> threads.stream().allMatch(thread -> standsIn(type, thread)));
  }

  private static boolean standsIn(Class<?> type, Thread thread) {
    boolean waits =
        switch (thread.getState()) {
          case WAITING, TIMED_WAITING, BLOCKED -> true;
          case NEW, RUNNABLE, TERMINATED -> false;
        };
    if (!waits) {
      return false;
    }
    for (StackTraceElement element : thread.getStackTrace()) {
      if (element.getClassName().startsWith(type.getName())) {
        return true;
      }
    }
    return false;
  }
}
