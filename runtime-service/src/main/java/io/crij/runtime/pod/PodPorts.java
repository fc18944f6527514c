package io.crij.runtime.pod;

import io.crij.cri.v1.PortMapping;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cni.CniException;
import io.crij.runtime.cni.PodNetwork;
import io.crij.runtime.hostport.HostPort;
import io.crij.runtime.hostport.HostPorts;
import io.crij.runtime.hostport.PodEnd;
import io.crij.runtime.rollback.Rollback;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxState;
import io.crij.runtime.sandbox.SandboxStore;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ports of the node that lead to pods whose network has no plugin for it. */
final class PodPorts {
  private static final Logger log = LoggerFactory.getLogger(PodPorts.class);

  private final SandboxStore sandboxes;
  private final PodNetwork network;
  private final HostPorts ports;
  private final ReentrantLock recording = new ReentrantLock();

  PodPorts(SandboxStore sandboxes, PodNetwork network, HostPorts ports) {
    this.sandboxes = sandboxes;
    this.network = network;
    this.ports = ports;
  }

  /**
   * Records a pod, unless another one has a port that it asks for: of two that come at the same
   * time one is first.
   *
   * @throws ServiceException.FailedPrecondition naming the port and the pod that has it
   */
  void record(Sandbox sandbox) {
    if (!has(sandbox)) {
      sandboxes.create(sandbox);
      return;
    }
    recording.lock();
    try {
      ports(sandbox).forEach(this::requireFree);
      sandboxes.create(sandbox);
    } finally {
      recording.unlock();
    }
  }

  private void requireFree(HostPort port) {
    for (Sandbox other : sandboxes.all()) {
      if (isOpen(other.state()) && has(other) && ports(other).stream().anyMatch(port::overlaps)) {
        throw new ServiceException.FailedPrecondition(
            "port_mappings: %s leads to pod %s already, sandbox %s"
                .formatted(port, other.name(), other.id()));
      }
    }
  }

  private static List<HostPort> ports(Sandbox sandbox) {
    return mappings(sandbox.config().getPortMappingsList()).stream().map(HostPort::of).toList();
  }

  /** Opens the ports of a pod that is attached. */
  void open(Sandbox sandbox, Rollback rollback) {
    if (has(sandbox)) {
      rollback.register("host ports", () -> close(sandbox));
      open(sandbox);
    }
  }

  private void open(Sandbox sandbox) {
    PodEnd pod = network.unmappedEnd(sandbox.id());
    if (pod != null) {
      ports.open(sandbox.id(), mappings(sandbox.config().getPortMappingsList()), pod);
    }
  }

  /** Closes what may be open. */
  void close(Sandbox sandbox) {
    if (has(sandbox)) {
      ports.close(sandbox.id(), mappings(sandbox.config().getPortMappingsList()), end(sandbox));
    }
  }

  /** Where a pod is that is to be reached no more; null when nobody knows. */
  private @Nullable PodEnd end(Sandbox sandbox) {
    try {
      return network.unmappedEnd(sandbox.id());
    } catch (CniException e) {
      log.warn("sandbox {}: {}", sandbox.id(), e.getMessage());
      return null;
    }
  }

  private static boolean has(Sandbox sandbox) {
    return !sandbox.usesNodeNetwork()
        && !mappings(sandbox.config().getPortMappingsList()).isEmpty();
  }

  /** Host port 0 means: not exposed on the host (CRI, PortMapping). */
  private static List<PortMapping> mappings(List<PortMapping> all) {
    return all.stream().filter(mapping -> mapping.getHostPort() > 0).toList();
  }

  /**
   * Closes ports of pods that are no more, and opens again those of pods that are ready, if
   * somebody has flushed the node's rules, or the process that listened has ended.
   */
  void recover(PodTeardown teardown) {
    try {
      Set<String> translated = ports.translated();
      Set<String> forwarded = ports.forwarded();
      Set<String> known = new HashSet<>(translated);
      known.addAll(forwarded);
      for (String id : known) {
        Sandbox sandbox = sandboxes.find(id);
        if (sandbox == null || !isOpen(sandbox.state())) {
          log.info("sandbox {}: ports of the node still led to it", id);
          attempt(id, () -> ports.close(id));
        }
      }
      for (Sandbox sandbox : sandboxes.all()) {
        // Where one of the two has nothing to do, this changes nothing.
        if (has(sandbox)
            && !(translated.contains(sandbox.id()) && forwarded.contains(sandbox.id()))) {
          attempt(
              sandbox.id(), () -> teardown.exclusively(sandbox.id(), () -> reopen(sandbox.id())));
        }
      }
    } catch (RuntimeException e) {
      log.warn("ports of the node: {}", e.getMessage());
    }
  }

  /** The ports of one pod that fail leave those of the others alone. */
  private static void attempt(String sandboxId, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      log.warn("sandbox {}: its ports of the node: {}", sandboxId, e.getMessage());
    }
  }

  private boolean reopen(String sandboxId) {
    Sandbox sandbox = sandboxes.find(sandboxId);
    if (sandbox == null || !sandbox.isReady()) {
      return false;
    }
    open(sandbox);
    return true;
  }

  /** Whether ports may lead to a pod in this state; to all others they do not. */
  private static boolean isOpen(SandboxState state) {
    return switch (state) {
      case CREATING, READY, BROKEN -> true;
      case NOTREADY, FAILED -> false;
    };
  }
}
