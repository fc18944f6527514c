package io.crij.server.streaming.command;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does one thing after the other on a virtual thread, which ends when there is nothing to do. */
final class InTurn {
  private static final Logger log = LoggerFactory.getLogger(InTurn.class);

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private @Nullable Runnable latest;
  private boolean running;

  /** Does it when all is done that was asked for before. */
  void run(Runnable work) {
    lock.lock();
    try {
      waiting.add(work);
      startIfIdle();
    } finally {
      lock.unlock();
    }
  }

  /** Does it when all else is done; once, however often it is asked for until then. */
  void runLatest(Runnable work) {
    lock.lock();
    try {
      latest = work;
      startIfIdle();
    } finally {
      lock.unlock();
    }
  }

  private void startIfIdle() {
    if (!running) {
      running = true;
      Thread.ofVirtual().name("stream").start(this::work);
    }
  }

  private void work() {
    for (Runnable next = next(); next != null; next = next()) {
      try {
        next.run();
      } catch (RuntimeException e) {
        // What comes next is to be done all the same: it may be the end of a process.
        log.error("part of a stream's work failed unexpectedly", e);
      }
    }
  }

  private @Nullable Runnable next() {
    lock.lock();
    try {
      Runnable next = waiting.poll();
      if (next == null) {
        next = latest;
        latest = null;
      }
      running = next != null;
      return next;
    } finally {
      lock.unlock();
    }
  }
}
