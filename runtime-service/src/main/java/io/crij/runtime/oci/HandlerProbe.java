package io.crij.runtime.oci;

import io.crij.linux.namespace.MappedNamespaces;
import io.crij.runtime.ServiceException;
import io.crij.runtime.oci.RuntimeHandlers.State;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the probes of one handler found. A probe that does not end in time tells of a slow node,
 * such as one that has just started, not of the OCI runtime: until one has ended, there is another.
 */
final class HandlerProbe {
  private static final Logger log = LoggerFactory.getLogger(HandlerProbe.class);

  /**
   * How long probes may take.
   *
   * @param first who asks for the handler waits so long
   * @param later of those after it, which nobody waits for
   * @param pause before the second one; before each further one it is twice as long as before, up
   *     to {@link #LONGEST_PAUSE}
   */
  record Patience(Duration first, Duration later, Duration pause) {
    static final Patience USUAL =
        new Patience(Duration.ofSeconds(20), Duration.ofMinutes(2), Duration.ofSeconds(10));

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    private Patience afterAnother() {
      Duration twice = pause.multipliedBy(2);
      return new Patience(first, later, twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE);
    }
  }

  /** Makes a container, or knows that it need not try. */
  @FunctionalInterface
  interface Probe {
    /**
     * Empty if the runtime can; else why not.
     *
     * @throws ServiceException.DeadlineExceeded when it takes longer
     */
    String failure(Duration limit);
  }

  /** What a probe found; whether it ended in time. */
  private record Found(State state, boolean inTime) {}

  private final String name;
  private final OciRuntime runtime;
  private final Probe probe;
  private final Path store;
  private final Patience patience;
  private final Runnable changed;
  private final FutureTask<Found> first;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable Found later;

  /**
   * Starts the first probe.
   *
   * @param store whose owners a user namespace must be able to map
   * @param changed told when a later probe than the first has ended in time; must return at once
   * @param before has the same folder and cgroup: its probes end first; null: there is none
   */
  HandlerProbe(
      String name,
      OciRuntime runtime,
      Probe probe,
      Path store,
      Patience patience,
      Runnable changed,
      @Nullable HandlerProbe before) {
    this.name = name;
    this.runtime = runtime;
    this.probe = probe;
    this.store = store;
    this.patience = patience;
    this.changed = changed;
    this.first =
        new FutureTask<>(() -> {
          if (before != null) {
            before.end();
          }
          return found(patience.first());
        });
    this.thread = Thread.ofVirtual().name("probe of " + name).start(this::run);
  }

  /** Waits for the first probe. */
  State state() {
    return latest().state();
  }

  /** Whether there will be another probe: none has ended in time. Waits for the first one. */
  boolean goesOn() {
    return !latest().inTime();
  }

  private Found latest() {
    try {
      Found known = first.get();
      Found newer = later;
      return newer == null ? known : newer;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException.Unavailable("interrupted while a runtime handler was probed", e);
    } catch (ExecutionException e) {
      throw new ServiceException.Internal("probe of a runtime handler failed", e);
    }
  }

  /** There will be no other probe. */
  void stop() {
    ended.countDown();
  }

  /** Waits for a probe under way, which ends by itself: what it makes is gone then. */
  void end() {
    stop();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException.Unavailable("interrupted while a runtime handler was probed", e);
    }
  }

  private void run() {
    first.run();
    try {
      boolean inTime = first.get().inTime();
      Patience now = patience;
      while (!inTime && !ended.await(now.pause().toMillis(), TimeUnit.MILLISECONDS)) {
        Found found = found(now.later());
        later = found;
        inTime = found.inTime();
        if (inTime) {
          changed.run();
        }
        now = now.afterAnother();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      log.warn("probe of runtime handler {}", name, e.getCause());
    }
  }

  private Found found(Duration limit) {
    try {
      String failure = probe.failure(limit);
      if (!failure.isEmpty()) {
        return new Found(unusable(failure), true);
      }
      return new Found(usable(runtime.version()), true);
    } catch (ServiceException.DeadlineExceeded e) {
      return new Found(unusable(String.valueOf(e.getMessage())), false);
    }
  }

  private State unusable(String failure) {
    log.warn("runtime handler {} cannot run here: {}", name, failure);
    return new State(name, runtime, HandlerFeatures.NONE, failure, "");
  }

  private State usable(String version) {
    HandlerFeatures features = runtime.features(version);
    if (features.userNamespaces() && !MappedNamespaces.canShow(store)) {
      features = new HandlerFeatures(features.recursiveReadOnlyMounts(), false);
    }
    String warning = KnownFaults.of(version);
    if (!warning.isEmpty()) {
      log.warn("runtime handler {}: {}", name, warning);
    }
    return new State(name, runtime, features, "", warning);
  }
}
