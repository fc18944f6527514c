package io.crij.image.polling;

import io.crij.linux.testing.Eventually;
import java.util.List;
import java.util.concurrent.Callable;

/** Waits for what others do, with a deadline. */
public final class Polling {
  private Polling() {}

  /**
   * Waits until a condition is met.
   *
   * @throws AssertionError when it is not in time
   */
  public static void until(String what, Callable<Boolean> condition) {
    Eventually.await(what, condition::call);
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
