package io.crij.server.rpc;

import io.grpc.Context;
import io.grpc.Deadline;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The moment at which an answer must be given to reach the caller before its deadline. */
final class DueTime {
  private static final Duration LONGEST_MARGIN = Duration.ofSeconds(2);
  private static final int SHARE_OF_MARGIN = 10;

  private final Thread worker = Thread.currentThread();
  private boolean ended;

  private DueTime() {}

  /** Does {@code work} on this thread, which is interrupted when the call is due. */
  static <T> T limit(Supplier<T> work) {
    Deadline deadline = Context.current().getDeadline();
    if (deadline == null) {
      return work.get();
    }
    DueTime due = new DueTime();
    Duration wait = wait(Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS)));
    Thread clock = Thread.ofVirtual().name("due time").start(() -> due.interruptAfter(wait));
    try {
      return work.get();
    } finally {
      due.end();
      clock.interrupt();
    }
  }

  /** How long work may take whose caller waits so long. */
  static Duration wait(Duration remaining) {
    Duration share = remaining.dividedBy(SHARE_OF_MARGIN);
    return remaining.minus(share.compareTo(LONGEST_MARGIN) < 0 ? share : LONGEST_MARGIN);
  }

  private void interruptAfter(Duration wait) {
    try {
      Thread.sleep(wait);
    } catch (InterruptedException e) {
      // The work has ended.
      Thread.currentThread().interrupt();
      return;
    }
    interrupt();
  }

  private synchronized void interrupt() {
    if (!ended) {
      worker.interrupt();
    }
  }

  /** Nothing that the thread does later is meant. */
  private synchronized void end() {
    ended = true;
    // Of an interrupt that came when the work was done.
    var _ = Thread.interrupted();
  }
}
