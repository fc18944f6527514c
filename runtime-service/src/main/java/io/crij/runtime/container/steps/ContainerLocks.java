package io.crij.runtime.container.steps;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** One lock for each container: held while it is made, started or removed. */
public final class ContainerLocks {
  private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

  /** Runs {@code work} with the container's lock held. */
  public <T> T locked(String id, Supplier<T> work) {
    ReentrantLock lock = locks.computeIfAbsent(id, _ -> new ReentrantLock());
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nobody holds it. */
  public void pass(String id) {
    boolean _ = locked(id, () -> true);
  }

  /** Drops the lock of a container that is gone. */
  public void forget(String id) {
    locks.remove(id);
  }
}
