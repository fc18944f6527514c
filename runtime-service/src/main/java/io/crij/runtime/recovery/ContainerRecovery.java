package io.crij.runtime.recovery;

import io.crij.linux.process.Pidfd;
import io.crij.linux.process.ProcessId;
import io.crij.monitor.v1.ContainerState;
import io.crij.monitor.v1.Exited;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.Containers;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerStore;
import io.crij.runtime.container.records.Lifecycle.End;
import io.crij.runtime.container.records.Now;
import io.crij.runtime.monitor.Monitor;
import io.crij.runtime.monitor.MonitorFailure;
import io.crij.runtime.oci.OciRuntime;
import io.crij.runtime.oci.RuntimeHandlers;
import io.crij.runtime.sandbox.Boot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the records of containers and the truth of the node together again at the start.
 *
 * <p>What may have happened meanwhile: this program was killed at any instant, also within a verb;
 * the monitor was killed, too, and its successor knows only what it found; containers ended, which
 * the monitor then wrote to {@code exits/<id>} before telling anyone; or the node was started anew
 * (then the boot id differs), and no process, mount or file of the runroot is left. Records are
 * never changed by others. The record of a container is made before anything of it, and removed
 * after everything; the record's process is known by pid and start time.
 *
 * <p>So a record without a creation time is a creation that was cut short, and is taken back in the
 * background. A process of the records that lives is never touched. What the monitor knows and the
 * records do not is left alone: it can only be someone's whose record was lost.
 */
public final class ContainerRecovery {
  private static final Logger log = LoggerFactory.getLogger(ContainerRecovery.class);
  private static final int UNKNOWN_EXIT_CODE = 255;
  private static final String MONITOR_LOST = "MonitorLost";
  private static final String NODE_RESTARTED = "NodeRestarted";
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  /** With doubled pauses, about eight minutes. */
  private static final int TRIES = 9;

  private final ContainerStore store;
  private final Monitor monitor;
  private final ContainerExits exits;
  private final RuntimeHandlers handlers;
  private final List<String> unfinished = new ArrayList<>();

  public ContainerRecovery(
      ContainerStore store, Monitor monitor, ContainerExits exits, RuntimeHandlers handlers) {
    this.store = store;
    this.monitor = monitor;
    this.exits = exits;
    this.handlers = handlers;
  }

  /**
   * Makes the records true. One that cannot be recovered is logged and passed over.
   *
   * @throws ServiceException.Unavailable when the monitor does not say what it knows
   */
  public void run(Containers containers) {
    String boot = Boot.id();
    Map<String, ContainerState> known = known();
    for (Container container : store.all()) {
      try {
        if (container.life().isBeingMade()) {
          unfinished.add(container.id());
        } else {
          if (!container.isInfra()) {
            containers.holdName(container);
          }
          recover(container, boot, known.get(container.id()));
        }
      } catch (RuntimeException e) {
        log.error("container {}: cannot be recovered: {}", container.id(), e.getMessage(), e);
      }
      known.remove(container.id());
    }
    known.keySet().forEach(id -> log.warn("container {}: runs without a record", id));
  }

  /** Takes back in the background what creations cut short have left. */
  public void takeBackUnfinished(Containers containers) {
    for (String id : unfinished) {
      Thread.ofVirtual().name("take back " + id).start(() -> takeBack(id, containers));
    }
  }

  /** What is left after the last try goes with the pod. */
  private static void takeBack(String id, Containers containers) {
    Duration pause = LOOK_AGAIN;
    for (int attempt = 1; attempt <= TRIES; attempt++) {
      try {
        containers.discard(id);
        log.info("container {}: its creation was cut short and is taken back", id);
        return;
      } catch (RuntimeException e) {
        log.error("container {}: cannot be taken back: {}", id, e.getMessage());
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException _) {
        return;
      }
      pause = pause.multipliedBy(2);
    }
  }

  private Map<String, ContainerState> known() {
    Map<String, ContainerState> known = new TreeMap<>();
    try {
      for (ContainerState state : monitor.list()) {
        known.put(state.getRecord().getConfig().getContainerId(), state);
      }
    } catch (MonitorFailure e) {
      throw new ServiceException.Unavailable("the monitor does not list: " + e.getMessage(), e);
    }
    return known;
  }

  private void recover(Container container, String boot, @Nullable ContainerState state) {
    if (container.life().hasEnded()) {
      return;
    }
    if (!container.bootId().equals(boot)) {
      end(container, NODE_RESTARTED, "the node was started anew");
      return;
    }
    recoverStart(container);
    if (state != null) {
      if (state.hasExited()) {
        exits.accept(state.getExited());
      }
      return;
    }
    Exited exited = exits.read(container.id());
    ProcessId process = container.life().process();
    if (exited != null) {
      exits.accept(exited);
    } else if (process != null && process.isAlive()) {
      log.error("container {}: runs, but the monitor does not know it", container.id());
      watch(container.id(), process);
    } else {
      end(container, MONITOR_LOST, "nobody saw how it ended");
    }
  }

  /** A start that was cut short may have been done: what runs must not be started once more. */
  private void recoverStart(Container container) {
    OciRuntime runtime = handlers.runtime(container.runtime());
    if (!container.life().isRunning() && runtime != null && runtime.isRunning(container.id())) {
      log.warn("container {}: its start was cut short, and it runs", container.id());
      long at = Now.nanos();
      store.update(container.id(), life -> life.started(at));
    }
  }

  private void end(Container container, String reason, String message) {
    log.warn("container {}: {}", container.id(), message);
    End end = new End(Now.nanos(), UNKNOWN_EXIT_CODE, false, reason, message);
    exits.ended(container.id(), end);
  }

  /** Sees the end of a process that the monitor does not. Waiting on it blocks a thread. */
  private void watch(String id, ProcessId process) {
    Thread.ofPlatform()
        .daemon()
        .name("watch " + id)
        .start(() -> {
          try (Pidfd pidfd = Pidfd.open(process)) {
            while (pidfd != null && !pidfd.awaitEnd(LOOK_AGAIN)) {
              Container container = store.record(id);
              if (container == null || container.life().hasEnded()) {
                return;
              }
            }
          }
          Container container = store.record(id);
          if (container != null) {
            end(container, MONITOR_LOST, "nobody saw how it ended");
          }
        });
  }
}
