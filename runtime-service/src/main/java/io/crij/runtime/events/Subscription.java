package io.crij.runtime.events;

import io.crij.cri.v1.ContainerEventResponse;
import io.crij.runtime.ServiceException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The events that one client has still to take. Their number and size have a bound: a client that
 * takes events more slowly than they come to pass is told so, and has to look for itself.
 */
public final class Subscription {
  /** What waits for one client at most: a node has a few hundred pods, an event a few KiB. */
  static final int MOST_EVENTS = 4096;

  static final int MOST_BYTES = 16 << 20;

  private final Queue<Supplier<@Nullable ContainerEventResponse>> before;
  private final Consumer<Subscription> left;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<ContainerEventResponse> waiting = new ArrayDeque<>();
  private long waitingBytes;
  private long lost;
  private @Nullable ServiceException end;

  /**
   * @param before what it is told first; each is made when the client takes it, so that none of
   *     them waits in memory, and is null where there is nothing to say of it any more
   * @param left told when the client takes no more
   */
  Subscription(
      Queue<Supplier<@Nullable ContainerEventResponse>> before, Consumer<Subscription> left) {
    this.before = before;
    this.left = left;
  }

  /**
   * Adds an event. Beyond the bound the subscription ends, and what waits is dropped.
   *
   * @return whether it goes on
   */
  boolean add(ContainerEventResponse event) {
    lock.lock();
    try {
      waitingBytes += event.getSerializedSize();
      if (waiting.size() == MOST_EVENTS || waitingBytes > MOST_BYTES) {
        end =
            new ServiceException.ResourceExhausted(
                "%d events of %d bytes were not taken, and are lost: list pods and containers, and subscribe again"
                    .formatted(waiting.size() + 1, waitingBytes));
        lost = waiting.size() + 1L;
        waiting.clear();
      } else {
        waiting.add(event);
      }
      changed.signalAll();
      return end == null;
    } finally {
      lock.unlock();
    }
  }

  /** How many events the client was not given, when it took them too slowly. */
  long lost() {
    lock.lock();
    try {
      return lost;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the subscription, once what waits was taken. */
  void end(ServiceException reason) {
    lock.lock();
    try {
      if (end == null) {
        end = reason;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives the events in their order, as they come, without an end of its own.
   *
   * @throws ServiceException.ResourceExhausted when {@code client} took them too slowly
   * @throws ServiceException.Unavailable when the service ends, or this thread is interrupted
   */
  public void giveTo(Consumer<ContainerEventResponse> client) {
    try {
      while (!before.isEmpty() && lost() == 0) {
        ContainerEventResponse event = before.remove().get();
        if (event != null) {
          client.accept(event);
        }
      }
      while (true) {
        client.accept(next());
      }
    } finally {
      left.accept(this);
    }
  }

  private ContainerEventResponse next() {
    lock.lock();
    try {
      while (waiting.isEmpty() && end == null) {
        changed.await();
      }
      ContainerEventResponse event = waiting.poll();
      if (event == null) {
        throw end;
      }
      waitingBytes -= event.getSerializedSize();
      return event;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException.Unavailable("the client has left", e);
    } finally {
      lock.unlock();
    }
  }
}
