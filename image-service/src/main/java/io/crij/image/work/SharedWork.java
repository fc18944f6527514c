package io.crij.image.work;

import io.crij.image.ImageException;
import io.crij.linux.LinuxException;
import io.crij.records.RecordsException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
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

  private final ThreadFactory threads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<K, Flight<V>> flights = new HashMap<>();
  private boolean closed;

  public SharedWork(ThreadFactory threads) {
    this.threads = threads;
  }

  /** Runs {@code work} as below; it is interrupted as soon as its last caller was. */
  public V run(K key, Work<V> work) {
    return run(key, Duration.ZERO, work);
  }

  /**
   * Runs {@code work}, or waits for the work of this key that is under way.
   *
   * @param patience how long it goes on for this caller when it was interrupted; when that is over
   *     for all who asked, the work is interrupted
   * @throws ImageException as the work does; Internal for any other exception of it; Unavailable
   *     when the caller is interrupted or the service ends
   */
  public V run(K key, Duration patience, Work<V> work) {
    Flight<V> flight = join(key, work);
    try {
      return flight.task().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException.Unavailable("interrupted", e);
    } catch (ExecutionException e) {
      throw asImageException(e);
    } finally {
      leave(key, flight, patience);
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
    Flight<V> flight = new Flight<>();
    FutureTask<V> task =
        new FutureTask<>(() -> {
          try {
            return work.run();
          } finally {
            // Before the result can be seen: who asks after that wants a new one.
            land(key, flight);
          }
        });
    flight.task = task;
    Thread thread = threads.newThread(task);
    flight.thread = thread;
    flights.put(key, flight);
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

  /** The last caller to leave work that is not done ends it, or sees to it that it ends. */
  private void leave(K key, Flight<V> flight, Duration patience) {
    Duration left;
    lock.lock();
    try {
      flight.callers--;
      long until = System.nanoTime() + patience.toNanos();
      flight.wantedUntil = Math.max(flight.wantedUntil, until);
      if (flight.callers > 0 || flight.task().isDone()) {
        return;
      }
      left = Duration.ofNanos(flight.wantedUntil - System.nanoTime());
      if (!left.isPositive()) {
        end(key, flight);
      }
    } finally {
      lock.unlock();
    }
    if (left.isPositive()) {
      Thread.ofVirtual().name("patience").start(() -> endAfter(left, key, flight));
    } else {
      Threads.joinUninterruptibly(flight.thread());
    }
  }

  private void endAfter(Duration patience, K key, Flight<V> flight) {
    try {
      if (flight.thread().join(patience)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    lock.lock();
    try {
      boolean wanted = flight.callers > 0 || flight.wantedUntil > System.nanoTime();
      if (!wanted && !flight.task().isDone()) {
        end(key, flight);
      }
    } finally {
      lock.unlock();
    }
  }

  private void end(K key, Flight<V> flight) {
    // Who asks now must not join what is ending.
    flights.remove(key, flight);
    flight.thread().interrupt();
  }

  private static ImageException asImageException(ExecutionException wrapper) {
    Throwable cause = wrapper.getCause();
    return switch (cause) {
      case ImageException e -> e;
      case RecordsException e -> new ImageException.Internal(String.valueOf(e.getMessage()), e);
      case LinuxException e -> new ImageException.Internal(String.valueOf(e.getMessage()), e);
      case UncheckedIOException e -> new ImageException.Internal(String.valueOf(e.getMessage()), e);
      case Error e -> throw e;
      case null -> new ImageException.Internal(String.valueOf(wrapper.getMessage()), wrapper);
      default -> new ImageException.Internal(cause.toString(), cause);
    };
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
    left.values().forEach(flight -> flight.thread().interrupt());
    left.values().forEach(flight -> Threads.joinUninterruptibly(flight.thread()));
  }

  /** Compared by identity. */
  private static final class Flight<V> {
    private @Nullable FutureTask<V> task;
    private @Nullable Thread thread;
    private int callers;
    private long wantedUntil = System.nanoTime();

    FutureTask<V> task() {
      return Objects.requireNonNull(task);
    }

    Thread thread() {
      return Objects.requireNonNull(thread);
    }
  }
}
