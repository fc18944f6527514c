package io.crij.server.jvm;

import io.crij.linux.LinuxException;
import io.crij.linux.memory.StartupPages;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives memory back after work. The heap grows while pods are started, and the JVM shrinks it only
 * when it collects again, for which a node at rest gives no cause for hours.
 */
public final class HeapTrim {
  private static final Logger log = LoggerFactory.getLogger(HeapTrim.class);
  private static final Duration INTERVAL = Duration.ofSeconds(20);

  /** What makes a collection, some 30 ms of one processor, worth it. */
  private static final long GROWTH_BYTES = 4L << 20;

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
        trimIfGrown();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Collects when the heap has grown since the last time. */
  void trimIfGrown() {
    long before = Runtime.getRuntime().totalMemory();
    if (before - committedBytes < GROWTH_BYTES) {
      return;
    }
    System.gc();
    committedBytes = Runtime.getRuntime().totalMemory();
    try {
      // A collection reads every class.
      StartupPages.release();
    } catch (LinuxException | UncheckedIOException e) {
      log.debug("start-up pages stay: {}", e.toString());
    }
    log.debug("heap trimmed from {} to {} KiB", before / 1024, committedBytes / 1024);
  }
}
