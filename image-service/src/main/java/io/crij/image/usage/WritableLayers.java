package io.crij.image.usage;

import io.crij.image.ImageException;
import io.crij.image.disk.PrivateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the writable layers of containers take on the disk. No file system tells it without quotas,
 * so they are counted, but never while somebody waits: who asks is given the last count with its
 * time, and has the next one begun if that is old. Nobody asks, nothing is counted; and a count
 * that takes long is made so much the less often.
 */
public final class WritableLayers {
  private static final Duration FRESH = Duration.ofSeconds(10);

  /** At most so much of a processor is spent on counting. */
  private static final int REST_FACTOR = 50;

  private static final Duration FIRST_WAIT = Duration.ofMillis(100);

  private final Path containers;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private Count last;
  private Duration taken = Duration.ZERO;
  private @Nullable CompletableFuture<Count> running;

  /**
   * @param containers holds a folder for each container
   */
  public WritableLayers(Path containers, Clock clock) throws IOException {
    this.containers = PrivateFolder.create(containers);
    this.clock = clock;
    this.last = new Count(0, 0, Instant.EPOCH);
  }

  /**
   * What all writable layers take.
   *
   * @param at when it was counted
   */
  public record Count(long bytes, long inodes, Instant at) {}

  /** The last count. The first who asks waits a moment for it, then is told the time zero. */
  public Count get() {
    CompletableFuture<Count> next = begin();
    if (next != null && last().at().equals(Instant.EPOCH)) {
      try {
        return next.get(FIRST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException _) {
        return new Count(0, 0, clock.instant());
      } catch (ExecutionException e) {
        throw new ImageException.Internal("count " + containers + ": " + e.getMessage(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ImageException.Unavailable("interrupted", e);
      }
    }
    return last();
  }

  private Count last() {
    lock.lock();
    try {
      return last;
    } finally {
      lock.unlock();
    }
  }

  /** Null when the last count will do. */
  private @Nullable CompletableFuture<Count> begin() {
    lock.lock();
    try {
      if (running != null) {
        return running;
      }
      Duration rest = taken.multipliedBy(REST_FACTOR);
      Instant due = last.at().plus(rest.compareTo(FRESH) > 0 ? rest : FRESH);
      if (clock.instant().isBefore(due)) {
        return null;
      }
      CompletableFuture<Count> next = new CompletableFuture<>();
      running = next;
      Thread.ofPlatform().daemon().name("writable-layers").start(() -> run(next));
      return next;
    } finally {
      lock.unlock();
    }
  }

  private void run(CompletableFuture<Count> next) {
    Instant start = clock.instant();
    Count count = last();
    try {
      TreeUsage usage = TreeUsage.NONE;
      for (Path container : folders()) {
        usage = usage.plus(TreeUsage.of(container.resolve("upper")));
      }
      count = new Count(usage.bytes(), usage.inodes(), clock.instant());
      next.complete(count);
    } catch (IOException | RuntimeException e) {
      next.completeExceptionally(e);
    } finally {
      lock.lock();
      try {
        last = count;
        taken = Duration.between(start, clock.instant());
        running = null;
      } finally {
        lock.unlock();
      }
    }
  }

  private List<Path> folders() throws IOException {
    try (Stream<Path> there = Files.list(containers)) {
      return there.toList();
    }
  }
}
