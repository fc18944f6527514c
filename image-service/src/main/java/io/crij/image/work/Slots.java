package io.crij.image.work;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * So many may do something at the same time. Of those who wait, the most urgent is next; of equally
 * urgent ones, who came first. How urgent one is may change while it waits.
 */
public final class Slots {
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Waiter> waiters = new ArrayList<>();
  private int free;

  public Slots(int count) {
    this.free = count;
  }

  /** Waits for a slot; closing what is returned gives it back. */
  public Slot acquire(Supplier<Priority> priority) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (free > 0 && waiters.isEmpty()) {
        free--;
        return new Slot();
      }
      Waiter waiter = new Waiter(priority, lock.newCondition());
      waiters.add(waiter);
      try {
        while (!waiter.served) {
          waiter.turn.await();
        }
      } catch (InterruptedException e) {
        if (waiter.served) {
          release();
        }
        throw e;
      } finally {
        waiters.remove(waiter);
      }
      return new Slot();
    } finally {
      lock.unlock();
    }
  }

  /** A slot that nobody waits for; false if there is none. */
  public boolean tryAcquire() {
    lock.lock();
    try {
      if (free == 0 || !waiters.isEmpty()) {
        return false;
      }
      free--;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Gives back what {@link #tryAcquire} gave. */
  public void release() {
    lock.lock();
    try {
      Waiter next = null;
      for (Waiter waiter : waiters) {
        if (!waiter.served
            && (next == null || waiter.priority.get().compareTo(next.priority.get()) > 0)) {
          next = waiter;
        }
      }
      if (next == null) {
        free++;
      } else {
        next.served = true;
        next.turn.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Leave to go on. */
  public final class Slot implements AutoCloseable {
    private boolean held = true;

    private Slot() {}

    /** Gives it back; once is enough. */
    @Override
    public synchronized void close() {
      if (held) {
        held = false;
        release();
      }
    }
  }

  private static final class Waiter {
    private final Supplier<Priority> priority;
    private final Condition turn;
    private boolean served;

    Waiter(Supplier<Priority> priority, Condition turn) {
      this.priority = priority;
      this.turn = turn;
    }
  }
}
