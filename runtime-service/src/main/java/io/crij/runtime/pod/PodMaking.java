package io.crij.runtime.pod;

import static java.util.stream.Collectors.toSet;

import io.crij.linux.namespace.NamespaceType;
import io.crij.linux.namespace.Namespaces;
import io.crij.runtime.LiveConfig;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cni.PodIdentity;
import io.crij.runtime.cni.PodNetwork;
import io.crij.runtime.cni.capability.Capabilities;
import io.crij.runtime.names.Stage;
import io.crij.runtime.names.Steps;
import io.crij.runtime.oci.node.SelinuxPolicy;
import io.crij.runtime.rollback.Rollback;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxFiles;
import io.crij.runtime.sandbox.SandboxFolder;
import io.crij.runtime.sandbox.SandboxNamespaces;
import io.crij.runtime.sandbox.SandboxStore;
import io.crij.runtime.selinux.Selinux;
import io.crij.runtime.settings.SelinuxSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The steps that bring a recorded sandbox to all it has on the node. */
final class PodMaking {
  private final LiveConfig config;
  private final SandboxStore sandboxes;
  private final @Nullable SelinuxPolicy policy;
  private final ReentrantLock labelling = new ReentrantLock();
  private final PodNetwork network;
  private final PodPorts ports;
  private final PodContainers containers;

  /**
   * @param policy of the node's SELinux; null: it has none
   */
  PodMaking(
      LiveConfig config,
      SandboxStore sandboxes,
      @Nullable SelinuxPolicy policy,
      PodNetwork network,
      PodPorts ports,
      PodContainers containers) {
    this.config = config;
    this.sandboxes = sandboxes;
    this.policy = policy;
    this.network = network;
    this.ports = ports;
    this.containers = containers;
  }

  /** The handler that a pod has which asks for {@code asked}; empty: the default one. */
  String handler(String asked) {
    return containers.handler(asked);
  }

  /**
   * Sees to it that the node can do what is asked for.
   *
   * @throws ServiceException.FailedPrecondition naming what it cannot
   */
  void require(PodRequest pod) {
    if (pod.hasUserNamespace()) {
      containers.requireUserNamespaces(pod.runtimeHandler());
    }
  }

  /**
   * Records the sandbox: its intent, before anything is done.
   *
   * @return what is recorded: on a node with SELinux it has labels
   * @throws ServiceException.FailedPrecondition when another pod has what it asks for
   */
  Sandbox record(Sandbox sandbox) {
    SelinuxSettings settings = config.get().settings().process().selinux();
    Selinux selinux = Selinux.of(policy, settings);
    if (selinux == null) {
      ports.record(sandbox);
      return sandbox;
    }
    // Until it is recorded nobody else sees which categories it has.
    labelling.lock();
    try {
      Set<String> levels =
          sandboxes.all().stream().map(other -> other.label().getLevel()).collect(toSet());
      Sandbox labelled = sandbox.withLabel(selinux.ofPod(sandbox.label(), settings, levels));
      ports.record(labelled);
      return labelled;
    } finally {
      labelling.unlock();
    }
  }

  private String label(Sandbox sandbox) {
    Selinux selinux = Selinux.of(policy, config.get().settings().process().selinux());
    return selinux == null ? "" : selinux.ofFiles(sandbox.namespaceOptions(), sandbox.label());
  }

  /** Makes all of it; each step's undo is registered before it. */
  void run(PodRequest pod, Sandbox sandbox, Rollback rollback, Steps steps) {
    SandboxFolder folder = sandbox.folder();
    rollback.register("folder", () -> SandboxFiles.removeFolder(folder));
    SandboxFiles.createFolder(folder);
    List<String> addresses;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      rollback.register("files", () -> SandboxFiles.unmount(folder));
      Future<?> files = threads.submit(() -> makeFiles(sandbox, pod.shmBytes()));
      addresses = connect(pod, sandbox, rollback, steps);
      steps.begin(Stage.POD_FILES);
      await(files);
    }
    SandboxFiles.writeHosts(sandbox, addresses);
    if (sandbox.sharesPid()) {
      rollback.register("infra container", () -> containers.removeAll(sandbox.id()));
      steps.begin(Stage.INFRA_CONTAINER);
      containers.runInfra(sandbox);
    }
  }

  private void makeFiles(Sandbox sandbox, long shmBytes) {
    SandboxFiles.create(sandbox, shmBytes, label(sandbox));
    String logs = sandbox.config().getLogDirectory();
    if (!logs.isEmpty()) {
      try {
        Files.createDirectories(
            Path.of(logs),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
      } catch (IOException e) {
        throw new UncheckedIOException("make log_directory " + logs + ": " + e.getMessage(), e);
      }
    }
  }

  private List<String> connect(PodRequest pod, Sandbox sandbox, Rollback rollback, Steps steps) {
    SandboxFolder folder = sandbox.folder();
    rollback.register("namespaces", () -> SandboxNamespaces.unpin(folder));
    steps.begin(Stage.NAMESPACES);
    SandboxNamespaces.create(sandbox, pod.earlySysctls());
    Path netns = sandbox.namespacePath(NamespaceType.NETWORK);
    if (netns == null) {
      return List.of();
    }
    rollback.register(
        "network", () -> network.detach(sandbox.id(), SandboxNamespaces.network(folder)));
    steps.begin(Stage.NETWORK);
    List<String> addresses =
        network.attach(
            new PodIdentity(sandbox.id(), sandbox.config().getMetadata()),
            netns,
            Capabilities.of(sandbox.config(), sandbox.cgroupParent()));
    Namespaces.write(netns, pod.interfaceSysctls());
    steps.begin(Stage.HOST_PORTS);
    ports.open(sandbox, rollback);
    return addresses;
  }

  private static void await(Future<?> files) {
    try {
      files.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException.Internal("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new ServiceException.Internal("make the files of a sandbox: " + e.getCause(), e);
    }
  }

  /**
   * Sees to it that nothing has ended of a sandbox since it was made: an end is noted only once the
   * sandbox is ready.
   *
   * @throws ServiceException.Internal when its infra container has ended
   */
  void verify(Sandbox sandbox) {
    if (sandbox.sharesPid() && !containers.infraRuns(sandbox.id())) {
      throw new ServiceException.Internal(
          "the infra container of pod sandbox " + sandbox.id() + " has ended at once");
    }
  }
}
