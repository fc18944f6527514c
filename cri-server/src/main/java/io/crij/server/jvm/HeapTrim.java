package io.crij.server.jvm;

import io.crij.linux.LinuxException;
import io.crij.linux.memory.StartupPages;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives memory back after work. The heap grows while pods are started, and the JVM shrinks it only
 * when it collects again, for which a node at rest gives no cause for hours; and of the AOT cache
 * all that the work has read stays mapped.
 */
public final class HeapTrim {
  private static final Logger log = LoggerFactory.getLogger(HeapTrim.class);
  private static final Duration INTERVAL = Duration.ofSeconds(20);

  /** What makes a collection, some 30 ms of one processor, worth it. */
  private static final long GROWTH_BYTES = 4L << 20;

  private final Rest rest = new Rest();

  /** After the last time; before the first there is the start to clean up after. */
  private long committedBytes;

  /** Begins, and returns at once. */
  public void start() {
    Thread.ofPlatform().daemon().name("heap-trim").start(this::run);
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(INTERVAL);
        boolean worked = rest.isAfterWork(cpu());
        if (trimIfGrown() || worked) {
          // Last: a collection reads every class.
          releasePages();
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static Duration cpu() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Collects when the heap has grown since the last time. */
  private boolean trimIfGrown() {
    long before = Runtime.getRuntime().totalMemory();
    if (before - committedBytes < GROWTH_BYTES) {
      return false;
    }
    System.gc();
    committedBytes = Runtime.getRuntime().totalMemory();
    log.debug("heap trimmed from {} to {} KiB", before / 1024, committedBytes / 1024);
    return true;
  }

  private static void releasePages() {
    try {
      log.debug("let go of {} KiB of the JVM's files", StartupPages.release() / 1024);
    } catch (LinuxException | UncheckedIOException e) {
      log.debug("pages of the JVM's files stay: {}", e.toString());
    }
  }
}
