package io.crij.runtime.pod;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes down in the background what could not be taken down at once, again and again with growing
 * pauses. At most one thread for each sandbox.
 */
final class PodRetries implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PodRetries.class);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final Duration firstPause;
  private final Map<String, Runnable> pending = new ConcurrentHashMap<>();
  private final Map<String, Thread> threads = new ConcurrentHashMap<>();
  private volatile boolean started;
  private volatile boolean closed;

  PodRetries(Duration firstPause) {
    this.firstPause = firstPause;
  }

  /**
   * Has {@code work} done until it succeeds; a sandbox that waits already gets the new work. Before
   * {@link #start} it is only remembered.
   */
  void add(String sandboxId, Runnable work) {
    pending.put(sandboxId, work);
    if (started && !closed) {
      begin(sandboxId, firstPause);
    }
  }

  /** Begins with what was added so far, at once. */
  void start() {
    started = true;
    pending.keySet().forEach(sandboxId -> begin(sandboxId, Duration.ZERO));
  }

  /** How many sandboxes wait to be taken down. */
  int size() {
    return pending.size();
  }

  private void begin(String sandboxId, Duration pause) {
    threads.computeIfAbsent(
        sandboxId,
        _ -> Thread.ofVirtual().name("retry " + sandboxId).start(() -> run(sandboxId, pause)));
  }

  private void run(String sandboxId, Duration first) {
    Duration pause = first;
    try {
      Runnable work = pending.get(sandboxId);
      while (work != null && !closed) {
        Thread.sleep(pause);
        if (attempt(sandboxId, work)) {
          pending.remove(sandboxId, work);
        } else {
          pause = longer(pause);
        }
        work = pending.get(sandboxId);
      }
    } catch (InterruptedException _) {
      // Closed: the next start finds in the records what is left to do.
    } finally {
      threads.remove(sandboxId);
      if (pending.containsKey(sandboxId) && !closed) {
        begin(sandboxId, firstPause); // added between the last look and the end of this thread
      }
    }
  }

  private static boolean attempt(String sandboxId, Runnable work) {
    try {
      work.run();
      log.info("sandbox {}: what was left of it is taken down", sandboxId);
      return true;
    } catch (RuntimeException e) {
      log.warn("sandbox {}: {}", sandboxId, e.getMessage());
      return false;
    }
  }

  private Duration longer(Duration pause) {
    Duration next = pause.isZero() ? firstPause : pause.multipliedBy(2);
    return next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next;
  }

  @Override
  public void close() {
    closed = true;
    threads.values().forEach(Thread::interrupt);
  }
}
