package io.crij.image.polling;

import io.crij.linux.testing.Eventually;
import java.util.List;

/** Waits for what others do, with a deadline. */
public final class Polling {
  private Polling() {}

  /** Waits until all threads stand in a method of a class. */
  public static void untilIn(Class<?> type, List<Thread> threads) {
    Eventually.await(
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
