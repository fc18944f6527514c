package io.crij.runtime.names;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;

/** Virtual threads, of which one can tell when all of them wait for something. */
final class Waiting implements ThreadFactory {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(2);

  private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();

  @Override
  public Thread newThread(Runnable task) {
    Thread thread = Thread.ofVirtual().unstarted(task);
    threads.add(thread);
    return thread;
  }

  /** Returns once so many threads wait. */
  void await(int count) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (threads.stream().filter(Waiting::waits).count() < count) {
      assertThat(System.nanoTime()).as("%d threads wait", count).isLessThan(deadline);
      Thread.sleep(LOOK_AGAIN);
    }
  }

  private static boolean waits(Thread thread) {
    return switch (thread.getState()) {
      case WAITING, TIMED_WAITING -> true;
      case NEW, RUNNABLE, BLOCKED, TERMINATED -> false;
    };
  }
}
