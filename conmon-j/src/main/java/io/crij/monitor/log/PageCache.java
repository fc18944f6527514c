package io.crij.monitor.log;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.memory.NodeMemory;
import io.crij.monitor.loop.StderrLog;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * What the kernel keeps of a log in its page cache. Containers that write much would push what the
 * node needs out of it by logs that nobody reads. Emptying it costs a fifth of what logging does,
 * so it is done only where memory is short.
 */
final class PageCache {
  /** How much is appended between two times that it is emptied. */
  static final long CACHED_BYTES = 8 << 20;

  /** This part of the node's memory being free, nobody needs what a log takes. */
  private static final int PLENTY = 4;

  private final BooleanSupplier isMemoryShort;
  private final AtomicBoolean emptying = new AtomicBoolean();
  private long appendedBytes;

  /**
   * Of one log.
   *
   * @param isMemoryShort asked each {@link #CACHED_BYTES}
   */
  PageCache(BooleanSupplier isMemoryShort) {
    this.isMemoryShort = isMemoryShort;
  }

  /** Whether another could use the memory that logs take. */
  static boolean isMemoryShort() {
    NodeMemory memory = NodeMemory.now();
    return memory.freeBytes() < memory.totalBytes() / PLENTY;
  }

  /** So much was appended to the log. */
  void appended(Fd log, int bytes) {
    appendedBytes += bytes;
    if (appendedBytes >= CACHED_BYTES) {
      appendedBytes = 0;
      if (isMemoryShort.getAsBoolean() && emptying.compareAndSet(false, true)) {
        empty(Descriptors.duplicate(log));
      }
    }
  }

  /** On a thread of its own, because it may wait for the disk. */
  private void empty(Fd log) {
    Thread.ofPlatform()
        .daemon()
        .name("page-cache")
        .start(() -> {
          try (log) {
            Descriptors.dropCache(log);
          } catch (LinuxException e) {
            StderrLog.failure("drop the page cache of a log", e);
          } finally {
            emptying.set(false);
          }
        });
  }
}
