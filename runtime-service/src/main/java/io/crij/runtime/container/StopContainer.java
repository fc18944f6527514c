package io.crij.runtime.container;

import io.crij.cri.v1.StopContainerRequest;
import io.crij.cri.v1.StopContainerResponse;
import io.crij.linux.process.ProcessId;
import io.crij.linux.process.Signals;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.steps.Parts;
import io.crij.runtime.container.steps.ReachableContainers;
import io.crij.runtime.names.JoinedCalls;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stops a container: its stop signal, then, when the time is up, SIGKILL. Idempotent, also for one
 * that is gone. Several callers stop it together, and the shortest time counts.
 */
public final class StopContainer {
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(30);
  private static final Duration LONGEST = Duration.ofDays(365);

  /** How soon a shorter time of a later caller is seen. */
  private static final Duration SLICE = Duration.ofMillis(50);

  private final Parts parts;
  private final ReachableContainers reachable;
  private final JoinedCalls calls = new JoinedCalls("stop container");
  private final Map<String, AtomicLong> deadlines = new ConcurrentHashMap<>();

  StopContainer(Parts parts, ReachableContainers reachable) {
    this.parts = parts;
    this.reachable = reachable;
  }

  /**
   * @throws ServiceException.InvalidArgument for a negative timeout
   * @throws ServiceException.Internal when it does not end after SIGKILL
   */
  public StopContainerResponse run(StopContainerRequest request) {
    if (request.getTimeout() < 0) {
      throw new ServiceException.InvalidArgument("timeout: " + request.getTimeout());
    }
    Container container = parts.store().find(request.getContainerId());
    if (container != null) {
      stop(container.id(), Duration.ofSeconds(Math.min(request.getTimeout(), LONGEST.toSeconds())));
    }
    return StopContainerResponse.getDefaultInstance();
  }

  /**
   * Stops it, or what one that has ended by itself has left running.
   *
   * @param grace between the stop signal and SIGKILL; zero: no stop signal
   */
  void stop(String id, Duration grace) {
    Container container = parts.store().record(id);
    if (container == null) {
      return;
    }
    if (container.life().hasEnded()) {
      killLeftovers(container);
      return;
    }
    long until = System.nanoTime() + grace.toNanos();
    AtomicLong deadline = deadlines.computeIfAbsent(id, _ -> new AtomicLong(until));
    deadline.accumulateAndGet(until, (a, b) -> a - b < 0 ? a : b);
    calls.run(
        id,
        () -> {
          try {
            stop(container, deadline);
          } finally {
            deadlines.remove(id, deadline);
            reachable.open(id);
          }
        });
  }

  private void stop(Container container, AtomicLong deadline) {
    ProcessId process = container.life().process();
    if (process == null) {
      return;
    }
    // A process that was never started knows no signal: only SIGKILL ends it.
    if (container.life().isRunning() && left(deadline) > 0) {
      EarlySignal early = new EarlySignal(process, container.stopSignal());
      parts.monitor().signal(container.id(), process, container.stopSignal());
      while (left(deadline) > 0) {
        long wait = Math.min(left(deadline), SLICE.toNanos());
        if (parts.store().awaitEnd(container.id(), Duration.ofNanos(wait))) {
          killLeftovers(container);
          return;
        }
        if (early.isDue()) {
          parts.monitor().signal(container.id(), process, container.stopSignal());
        }
      }
    }
    reachable.close(container.id());
    parts.monitor().signal(container.id(), process, Signals.SIGKILL);
    if (!parts.store().awaitEnd(container.id(), ENDS_WITHIN)) {
      throw new ServiceException.Internal(
          "container "
              + container.id()
              + " has not ended "
              + ENDS_WITHIN.toSeconds()
              + " s after SIGKILL");
    }
    killLeftovers(container);
  }

  private static long left(AtomicLong deadline) {
    return deadline.get() - System.nanoTime();
  }

  // Without a PID namespace of its own, the end of its first process ends nothing else.
  private void killLeftovers(Container container) {
    if (!parts.cgroups().kill(container.cgroupPath(), ENDS_WITHIN)) {
      throw new ServiceException.Internal(
          "processes of container " + container.id() + " are left after SIGKILL");
    }
  }
}
