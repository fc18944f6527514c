package io.crij.linux.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Does the same thing many times and fails when the processes that serve it are bigger afterwards:
 * descriptors, terminals, threads, zombies and memory. A hundredth of the rounds is done unless
 * {@code -Dcrij.soak=full}; only then the rounds must not have become slower either, since a few
 * say nothing of that.
 */
public final class Soak {
  private static final boolean FULL = "full".equals(System.getProperty("crij.soak"));
  private static final int SHARE = 100;
  private static final int WARM_UP_ROUNDS = 20;

  /** What is given back with some delay: idle workers end, buffers are collected. */
  private static final Duration GRACE = Duration.ofSeconds(40);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
  private static final long HEAP_BYTES = 1 << 20;
  private static final long RESIDENT_BYTES = 24 << 20;
  private static final double SLOWER = 1.2;
  private static final double MILLION = 1e6;

  private final List<Long> pids;
  private final int parallel;

  private Soak(List<Long> pids, int parallel) {
    this.pids = pids;
    this.parallel = parallel;
  }

  /** One round; must clean up after itself. */
  public interface Round {
    void run(int number) throws Exception;
  }

  /** Watches these processes, which must be JVMs. */
  public static Soak of(long... pids) {
    return new Soak(Arrays.stream(pids).boxed().toList(), 1);
  }

  /** The same with this many rounds at a time. */
  public Soak inParallel(int rounds) {
    return new Soak(pids, rounds);
  }

  /** How many rounds are done of those of a full run. */
  public static int rounds(int full) {
    return FULL ? full : Math.max(1, full / SHARE);
  }

  /** One number in a full run, another otherwise: for what has no hundredth. */
  public static int either(int full, int otherwise) {
    return FULL ? full : otherwise;
  }

  /**
   * Does the rounds, after some that do not count.
   *
   * @param full how many in a full run
   * @throws AssertionError when a process has grown, or a full run has become slower
   */
  public void run(int full, Round round) throws Exception {
    timed(WARM_UP_ROUNDS, round);
    Map<Long, ProcessUse> before = new LinkedHashMap<>();
    pids.forEach(pid -> before.put(pid, ProcessUse.of(pid)));
    long[] nanos = timed(rounds(full), round);
    report(nanos, before);
    requireFlat(before);
    if (FULL) {
      requireAsFast(nanos);
    }
  }

  private long[] timed(int rounds, Round round) throws Exception {
    long[] nanos = new long[rounds];
    AtomicInteger next = new AtomicInteger();
    try (ExecutorService workers = Executors.newFixedThreadPool(parallel)) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < parallel; i++) {
        running.add(
            workers.submit(() -> {
              for (int n = next.getAndIncrement(); n < rounds; n = next.getAndIncrement()) {
                long begin = System.nanoTime();
                round.run(n);
                nanos[n] = System.nanoTime() - begin;
              }
              return null;
            }));
      }
      for (Future<?> worker : running) {
        await(worker, next, rounds);
      }
    }
    return nanos;
  }

  private static void await(Future<?> worker, AtomicInteger next, int rounds) throws Exception {
    try {
      worker.get();
    } catch (ExecutionException e) {
      // The others must not go on for hours.
      next.set(rounds);
      throw new AssertionError("a round failed: " + e.getCause(), e);
    }
  }

  private static void requireFlat(Map<Long, ProcessUse> before) throws InterruptedException {
    Instant deadline = Instant.now().plus(GRACE);
    while (true) {
      List<String> growth = growthSince(before);
      if (growth.isEmpty()) {
        return;
      }
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError("After the rounds:\n  " + String.join("\n  ", growth));
      }
      Thread.sleep(LOOK_AGAIN);
    }
  }

  private static List<String> growthSince(Map<Long, ProcessUse> before) {
    List<String> growth = new ArrayList<>();
    before.forEach((pid, use) ->
        ProcessUse.of(pid)
            .growthSince(use, HEAP_BYTES, RESIDENT_BYTES)
            .forEach(what -> growth.add("process " + pid + ": " + what)));
    return growth;
  }

  /** Of 99 in a hundred rounds the slowest, in the first and the last tenth. */
  private static void requireAsFast(long[] nanos) {
    int tenth = nanos.length / 10;
    long first = percentile99(Arrays.copyOf(nanos, tenth));
    long last = percentile99(Arrays.copyOfRange(nanos, nanos.length - tenth, nanos.length));
    if (last > first * SLOWER) {
      throw new AssertionError(
          "p99 %.1f ms in the last tenth, %.1f ms in the first"
              .formatted(last / MILLION, first / MILLION));
    }
  }

  private static long percentile99(long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.ceil(sorted.length * 0.99) - 1];
  }

  private static void report(long[] nanos, Map<Long, ProcessUse> before) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    System.out.printf(
        "%d rounds: p50 %.1f ms, p99 %.1f ms%n",
        nanos.length, sorted[nanos.length / 2] / MILLION, percentile99(nanos) / MILLION);
    before.forEach(
        (pid, use) -> System.out.printf("process %d: %s, then %s%n", pid, use, ProcessUse.of(pid)));
  }
}
