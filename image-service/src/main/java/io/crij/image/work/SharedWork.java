package io.crij.image.work;

import io.crij.image.ImageException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs at most one piece of work per key, on a thread of its own; who asks for the same key
 * meanwhile gets the same result.
 */
public final class SharedWork<K, V> implements AutoCloseable {
  /** What is done. */
  @FunctionalInterface
  public interface Work<V> {
    V run() throws Exception;
  }

  /** What becomes of work whose last caller was interrupted. */
  public enum Abandoned {
    GOES_ON,
    IS_INTERRUPTED
  }

  private final ThreadFactory threads;
  private final Abandoned abandoned;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<K, Flight<V>> flights = new HashMap<>();
  private boolean closed;

  public SharedWork(ThreadFactory threads, Abandoned abandoned) {
    this.threads = threads;
    this.abandoned = abandoned;
  }

  /**
   * Runs {@code work}, or waits for the work of this key that is under way.
   *
   * @throws ImageException as the work does; Internal for any other exception of it; Unavailable
   *     when the caller is interrupted or the service ends
   */
  public V run(K key, Work<V> work) {
    Flight<V> flight = join(key, work);
    try {
      return flight.task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException.Unavailable("interrupted", e);
    } catch (ExecutionException e) {
      throw asImageException(e);
    } finally {
      leave(key, flight);
    }
  }

  private Flight<V> join(K key, Work<V> work) {
    lock.lock();
    try {
      if (closed) {
        throw new ImageException.Unavailable("the image service is closing");
      }
      Flight<V> flight = flights.get(key);
      if (flight == null) {
        flight = start(key, work);
      }
      flight.callers++;
      return flight;
    } finally {
      lock.unlock();
    }
  }

  private Flight<V> start(K key, Work<V> work) {
    FutureTask<V> task = new FutureTask<>(work::run);
    Flight<V> flight = new Flight<>(task);
    flights.put(key, flight);
    Thread thread =
        threads.newThread(() -> {
          task.run();
          land(key, flight);
        });
    flight.thread = thread;
    thread.start();
    return flight;
  }

  private void land(K key, Flight<V> flight) {
    lock.lock();
    try {
      flights.remove(key, flight);
    } finally {
      lock.unlock();
    }
  }

  private void leave(K key, Flight<V> flight) {
    lock.lock();
    try {
      flight.callers--;
      if (flight.callers == 0 && abandoned == Abandoned.IS_INTERRUPTED && !flight.task.isDone()) {
        // Who asks now must not join what is ending.
        flights.remove(key, flight);
        flight.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  private static ImageException asImageException(ExecutionException wrapper) {
    Throwable cause = wrapper.getCause();
    if (cause instanceof ImageException e) {
      return e;
    }
    if (cause instanceof Error e) {
      throw e;
    }
    return new ImageException.Internal(String.valueOf(cause), cause == null ? wrapper : cause);
  }

  /** Interrupts what is under way and waits for its end. */
  @Override
  public void close() {
    Map<K, Flight<V>> left;
    lock.lock();
    try {
      closed = true;
      left = Map.copyOf(flights);
    } finally {
      lock.unlock();
    }
    left.values().forEach(flight -> flight.interrupt());
    for (Flight<V> flight : left.values()) {
      try {
        flight.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Compared by identity. */
  private static final class Flight<V> {
    private final FutureTask<V> task;
    private @Nullable Thread thread;
    private int callers;

    Flight(FutureTask<V> task) {
      this.task = task;
    }

    void interrupt() {
      if (thread != null) {
        thread.interrupt();
      }
    }

    void join() throws InterruptedException {
      if (thread != null) {
        thread.join();
      }
    }
  }
}
