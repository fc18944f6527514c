package io.crij.runtime.container.steps;

import io.crij.cri.v1.NamespaceMode;
import io.crij.cri.v1.NamespaceOption;
import io.crij.linux.namespace.NamespaceType;
import io.crij.linux.process.ProcessId;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerStore;
import io.crij.runtime.oci.mounts.PodFiles;
import io.crij.runtime.oci.spec.PodContext;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxFolder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a container shares with its pod: network, IPC and host name as the pod has them, processes
 * as the container asks.
 *
 * <p>A pod has no process that could hold a PID namespace for all its containers. So POD, which is
 * also what a request that says nothing means, gives each container its own, unless the pod has the
 * node's.
 */
final class PodSharing {
  private final ContainerStore store;

  PodSharing(ContainerStore store) {
    this.store = store;
  }

  /**
   * The container's view of its pod.
   *
   * @throws ServiceException.InvalidArgument when it asks for what the pod does not have
   */
  PodContext context(Sandbox sandbox, Container container) {
    NamespaceOption options =
        container.config().getLinux().getSecurityContext().getNamespaceOptions();
    refuse(options.getNetwork(), sandbox.namespaceOptions().getNetwork(), "network");
    refuse(options.getIpc(), sandbox.namespaceOptions().getIpc(), "ipc");
    if (container.config().getLinux().getSecurityContext().getPrivileged()
        && !sandbox.config().getLinux().getSecurityContext().getPrivileged()) {
      throw new ServiceException.InvalidArgument(
          "linux.security_context.privileged: pod sandbox "
              + sandbox.id()
              + " is not for privileged containers");
    }
    NamespaceMode pid = pidMode(options.getPid(), sandbox.namespaceOptions().getPid());
    SandboxFolder folder = sandbox.folder();
    return new PodContext(
        sandbox.hostname(),
        sandbox.namespacePath(NamespaceType.NETWORK),
        sandbox.namespacePath(NamespaceType.IPC),
        sandbox.namespacePath(NamespaceType.UTS),
        pid == NamespaceMode.TARGET ? target(sandbox, options.getTargetId()) : null,
        pid == NamespaceMode.CONTAINER,
        false,
        new PodFiles(folder.hosts(), folder.hostname(), folder.resolvConf(), sandbox.shm()));
  }

  private static void refuse(NamespaceMode container, NamespaceMode pod, String type) {
    boolean asThePod = container == NamespaceMode.POD || container == pod;
    if (!asThePod) {
      throw new ServiceException.InvalidArgument(
          "linux.security_context.namespace_options."
              + type
              + ": "
              + container
              + " in a pod that has "
              + pod);
    }
  }

  private static NamespaceMode pidMode(NamespaceMode container, NamespaceMode pod) {
    return switch (container) {
      case POD -> pod == NamespaceMode.NODE ? NamespaceMode.NODE : NamespaceMode.CONTAINER;
      case CONTAINER, NODE, TARGET -> container;
      case UNRECOGNIZED ->
          throw new ServiceException.InvalidArgument(
              "linux.security_context.namespace_options.pid: unknown mode");
    };
  }

  private Path target(Sandbox sandbox, String id) {
    Container target = store.find(id);
    if (target == null || !target.sandboxId().equals(sandbox.id())) {
      throw new ServiceException.InvalidArgument(
          "linux.security_context.namespace_options.target_id: no container '"
              + id
              + "' in pod sandbox "
              + sandbox.id());
    }
    ProcessId process = alive(target);
    if (process == null) {
      throw new ServiceException.FailedPrecondition(
          "target container " + id + " of the PID namespace does not run");
    }
    return Path.of("/proc", Integer.toString(process.pid()), "ns", "pid");
  }

  private static @Nullable ProcessId alive(Container container) {
    ProcessId process = container.life().process();
    return process != null && !container.life().hasEnded() && process.isAlive() ? process : null;
  }
}
