package io.crij.image.usage;

import io.crij.image.ImageException;
import io.crij.image.disk.PrivateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * that takes long is made so much the less often. A container that was not there at the last count
 * is counted alone, so that it need not wait for the next.
 */
public final class WritableLayers {
  private static final Duration FRESH = Duration.ofSeconds(10);

  /** At most so much of a processor is spent on counting. */
  private static final int REST_FACTOR = 50;

  private static final Duration FIRST_WAIT = Duration.ofMillis(100);

  private final Path containers;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private Map<String, Count> counts = Map.of();
  private Instant counted = Instant.EPOCH;
  private Duration taken = Duration.ZERO;
  private @Nullable CompletableFuture<Map<String, Count>> running;
  private long begunNanos;

  /**
   * @param containers holds a folder for each container
   */
  public WritableLayers(Path containers, Clock clock) throws IOException {
    this.containers = PrivateFolder.create(containers);
    this.clock = clock;
  }

  /**
   * What a writable layer takes, or all together.
   *
   * @param at when it was counted
   */
  public record Count(long bytes, long inodes, Instant at) {}

  /** Of all containers. The first who asks waits a moment for it, then is told the time zero. */
  public Count get() {
    Map<String, Count> last = counts(List.of());
    Instant at = counted();
    return new Count(
        last.values().stream().mapToLong(Count::bytes).sum(),
        last.values().stream().mapToLong(Count::inodes).sum(),
        at.equals(Instant.EPOCH) ? clock.instant() : at);
  }

  /**
   * The last count of each container. Those of which there is none are waited for, but only a
   * moment from when their count began: who asks for many, one by one, waits no longer.
   *
   * @param wanted ids of containers; others can be in the result too
   */
  public Map<String, Count> counts(Collection<String> wanted) {
    CompletableFuture<Map<String, Count>> next = begin(wanted);
    Map<String, Count> last = last();
    if (next == null || (isCounted() && last.keySet().containsAll(wanted))) {
      return last;
    }
    try {
      return next.get(leftNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      return last;
    } catch (ExecutionException e) {
      throw new ImageException.Internal("count " + containers + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException.Unavailable("interrupted", e);
    }
  }

  private long leftNanos() {
    lock.lock();
    try {
      return Math.max(0, begunNanos + FIRST_WAIT.toNanos() - System.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  private Map<String, Count> last() {
    lock.lock();
    try {
      return counts;
    } finally {
      lock.unlock();
    }
  }

  private Instant counted() {
    lock.lock();
    try {
      return counted;
    } finally {
      lock.unlock();
    }
  }

  private boolean isCounted() {
    return !counted().equals(Instant.EPOCH);
  }

  /** Null when the last count will do. */
  private @Nullable CompletableFuture<Map<String, Count>> begin(Collection<String> wanted) {
    lock.lock();
    try {
      if (running != null) {
        return running;
      }
      Duration rest = taken.multipliedBy(REST_FACTOR);
      Instant due = counted.plus(rest.compareTo(FRESH) > 0 ? rest : FRESH);
      Instant now = clock.instant();
      boolean isDue = !now.isBefore(due) || now.isBefore(counted); // the clock was set back
      if (!isDue && counts.keySet().containsAll(wanted)) {
        return null;
      }
      CompletableFuture<Map<String, Count>> next = new CompletableFuture<>();
      running = next;
      begunNanos = System.nanoTime();
      Map<String, Count> known = isDue ? Map.of() : counts;
      Thread.ofPlatform().daemon().name("writable-layers").start(() -> run(next, known));
      return next;
    } finally {
      lock.unlock();
    }
  }

  /** Counts all but what is known; all of them if nothing is. */
  private void run(CompletableFuture<Map<String, Count>> next, Map<String, Count> known) {
    Instant start = clock.instant();
    try {
      Map<String, Count> fresh = new HashMap<>();
      for (Path container : folders()) {
        String id = container.getFileName().toString();
        Count before = known.get(id);
        fresh.put(id, before == null ? count(container) : before);
      }
      end(Map.copyOf(fresh), known.isEmpty() ? start : null);
      next.complete(fresh);
    } catch (IOException | RuntimeException e) {
      end(last(), start);
      next.completeExceptionally(e);
    }
  }

  private Count count(Path container) {
    TreeUsage usage = TreeUsage.of(container.resolve("upper"));
    return new Count(usage.bytes(), usage.inodes(), clock.instant());
  }

  /**
   * @param start of a count of all; else null
   */
  private void end(Map<String, Count> fresh, @Nullable Instant start) {
    lock.lock();
    try {
      counts = fresh;
      running = null;
      if (start != null) {
        counted = clock.instant();
        taken = Duration.between(start, counted);
      }
    } finally {
      lock.unlock();
    }
  }

  private List<Path> folders() throws IOException {
    try (Stream<Path> there = Files.list(containers)) {
      return there.toList();
    }
  }
}
