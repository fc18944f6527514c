package io.crij.runtime.pod;

import io.crij.runtime.ServiceException;
import io.crij.runtime.cni.PodNetwork;
import io.crij.runtime.names.Names;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxFiles;
import io.crij.runtime.sandbox.SandboxFolder;
import io.crij.runtime.sandbox.SandboxNamespaces;
import io.crij.runtime.sandbox.SandboxState;
import io.crij.runtime.sandbox.SandboxStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Takes a sandbox down. Each step can be repeated, "already gone" is success, and the failure of
 * one does not keep the others from being done; but a container that does not end keeps its
 * network, and a network that cannot be detached keeps its namespace for the next try.
 */
final class PodTeardown {
  private final SandboxStore sandboxes;
  private final PodNetwork network;
  private final PodPorts ports;
  private final PodContainers containers;
  private final Names names;
  private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

  PodTeardown(
      SandboxStore sandboxes,
      PodNetwork network,
      PodPorts ports,
      PodContainers containers,
      Names names) {
    this.sandboxes = sandboxes;
    this.network = network;
    this.ports = ports;
    this.containers = containers;
    this.names = names;
  }

  /** Makes a sandbox or takes it down: one of these at a time for each. */
  <T> T exclusively(String sandboxId, Supplier<T> work) {
    ReentrantLock lock = locks.computeIfAbsent(sandboxId, _ -> new ReentrantLock());
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
      forget(sandboxId, lock);
    }
  }

  /**
   * Does something with a sandbox that is neither made nor taken down meanwhile.
   *
   * @return what {@code work} returns; {@code busy} where the sandbox is being taken down now
   */
  <T> T ifIdle(String sandboxId, Supplier<T> work, T busy) {
    ReentrantLock lock = locks.computeIfAbsent(sandboxId, _ -> new ReentrantLock());
    if (!lock.tryLock()) {
      return busy;
    }
    try {
      return work.get();
    } finally {
      lock.unlock();
      forget(sandboxId, lock);
    }
  }

  private void forget(String sandboxId, ReentrantLock lock) {
    if (sandboxes.find(sandboxId) == null) {
      locks.remove(sandboxId, lock);
    }
  }

  /**
   * Stops the containers and frees the network and the namespaces; the record stays, not ready.
   *
   * @throws ServiceException.Internal naming what could not be freed; to be repeated
   */
  void stop(String sandboxId) {
    exclusivelyIfThere(sandboxId, this::stop);
  }

  private void exclusivelyIfThere(String sandboxId, Consumer<Sandbox> work) {
    boolean _ =
        exclusively(
            sandboxId,
            () -> {
              Sandbox sandbox = sandboxes.find(sandboxId);
              if (sandbox != null) {
                work.accept(sandbox);
              }
              return sandbox != null;
            });
  }

  private void stop(Sandbox sandbox) {
    if (sandbox.state() == SandboxState.READY || sandbox.state() == SandboxState.BROKEN) {
      sandboxes.setState(sandbox.id(), SandboxState.NOTREADY);
    }
    containers.stopAll(sandbox.id());
    ports.close(sandbox);
    free(sandbox.id(), sandbox.folder());
  }

  /** Stops what still runs, then removes everything, the record last. */
  void remove(String sandboxId) {
    exclusivelyIfThere(sandboxId, this::remove);
  }

  private void remove(Sandbox sandbox) {
    stop(sandbox);
    containers.removeAll(sandbox.id());
    SandboxFiles.removeFolder(sandbox.folder());
    sandboxes.remove(sandbox.id());
    names.release(sandbox.name(), sandbox.id());
  }

  /** Frees what a sandbox without a record has on the node. */
  void removeUnrecorded(String sandboxId, SandboxFolder folder) {
    free(sandboxId, folder);
    SandboxFiles.removeFolder(folder);
  }

  private void free(String sandboxId, SandboxFolder folder) {
    List<RuntimeException> failures = new ArrayList<>();
    attempt(failures, () -> SandboxFiles.unmount(folder));
    attempt(
        failures,
        () -> {
          network.detach(sandboxId, SandboxNamespaces.network(folder));
          SandboxNamespaces.unpin(folder);
        });
    if (!failures.isEmpty()) {
      StringBuilder message = new StringBuilder("pod sandbox " + sandboxId + ": ");
      failures.forEach(failure -> message.append(failure.getMessage()).append("; "));
      throw new ServiceException.Internal(
          message.append("to be tried again").toString(), failures.getFirst());
    }
  }

  private static void attempt(List<RuntimeException> failures, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      failures.add(e);
    }
  }
}
