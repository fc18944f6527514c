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
import io.crij.runtime.oci.spec.UserNamespace;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxFolder;
import io.crij.runtime.sandbox.UserMapping;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a container shares with its pod: network, IPC and host name as the pod has them, processes
 * as the container asks.
 *
 * <p>POD, which is also what a request that says nothing means, is what the pod has: the namespace
 * that its infra container holds, the node's, or else one for each container.
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
    refuseOtherUsers(options, sandbox.namespaceOptions());
    refuse(options.getIpc(), sandbox.namespaceOptions().getIpc(), "ipc");
    if (container.config().getLinux().getSecurityContext().getPrivileged()
        && !sandbox.config().getLinux().getSecurityContext().getPrivileged()) {
      throw new ServiceException.InvalidArgument(
          "linux.security_context.privileged: pod sandbox "
              + sandbox.id()
              + " is not for privileged containers");
    }
    NamespaceMode pid = pidMode(options.getPid(), sandbox);
    SandboxFolder folder = sandbox.folder();
    return new PodContext(
        sandbox.hostname(),
        sandbox.namespacePath(NamespaceType.NETWORK),
        sandbox.namespacePath(NamespaceType.IPC),
        sandbox.namespacePath(NamespaceType.UTS),
        pidNamespace(holder(sandbox, container)),
        pid == NamespaceMode.CONTAINER,
        false,
        user(sandbox),
        new PodFiles(folder.hosts(), folder.hostname(), folder.resolvConf(), sandbox.shm()),
        sandbox.config().getAnnotationsMap());
  }

  static @Nullable UserNamespace user(Sandbox sandbox) {
    UserMapping mapping = sandbox.userMapping();
    return mapping == null
        ? null
        : new UserNamespace(sandbox.folder().userNamespace(), mapping.uids(), mapping.gids());
  }

  /** A container that says nothing of user namespaces has its pod's. */
  private static void refuseOtherUsers(NamespaceOption container, NamespaceOption pod) {
    boolean podHas =
        pod.hasUsernsOptions() && pod.getUsernsOptions().getMode() == NamespaceMode.POD;
    boolean same =
        podHas
            ? container.getUsernsOptions().equals(pod.getUsernsOptions())
            : container.getUsernsOptions().getMode() == NamespaceMode.NODE;
    if (container.hasUsernsOptions() && !same) {
      throw new ServiceException.InvalidArgument(
          "linux.security_context.namespace_options.userns_options: not as its pod's");
    }
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

  /**
   * Sees to it that the process still lives whose PID namespace a container has joined. If so, it
   * was that process all the time, and not another that was given its pid.
   *
   * @throws ServiceException.FailedPrecondition when it does not
   */
  void verify(Sandbox sandbox, Container container) {
    Container holder = holder(sandbox, container);
    if (holder != null) {
      ProcessId _ = alive(holder);
    }
  }

  /** What a container of mode POD has. */
  private static NamespaceMode pidMode(NamespaceMode container, Sandbox sandbox) {
    return switch (container) {
      case POD -> {
        boolean nodes = sandbox.namespaceOptions().getPid() == NamespaceMode.NODE;
        yield nodes
            ? NamespaceMode.NODE
            : sandbox.sharesPid() ? container : NamespaceMode.CONTAINER;
      }
      case CONTAINER, NODE, TARGET -> container;
      case UNRECOGNIZED ->
          throw new ServiceException.InvalidArgument(
              "linux.security_context.namespace_options.pid: unknown mode");
    };
  }

  /** Whose PID namespace the container joins; null: nobody's. */
  private @Nullable Container holder(Sandbox sandbox, Container container) {
    NamespaceOption options =
        container.config().getLinux().getSecurityContext().getNamespaceOptions();
    return switch (pidMode(options.getPid(), sandbox)) {
      case POD -> infra(sandbox);
      case TARGET -> target(sandbox, options.getTargetId());
      case CONTAINER, NODE, UNRECOGNIZED -> null;
    };
  }

  private Container infra(Sandbox sandbox) {
    Container infra = store.record(sandbox.id());
    if (infra == null) {
      throw new ServiceException.FailedPrecondition(
          "pod sandbox " + sandbox.id() + " has no infra container that holds its PID namespace");
    }
    return infra;
  }

  private Container target(Sandbox sandbox, String id) {
    Container target = store.find(id);
    if (target == null || !target.sandboxId().equals(sandbox.id())) {
      throw new ServiceException.InvalidArgument(
          "linux.security_context.namespace_options.target_id: no container '"
              + id
              + "' in pod sandbox "
              + sandbox.id());
    }
    return target;
  }

  private static @Nullable Path pidNamespace(@Nullable Container holder) {
    return holder == null
        ? null
        : Path.of("/proc", Integer.toString(alive(holder).pid()), "ns", "pid");
  }

  private static ProcessId alive(Container holder) {
    ProcessId process = holder.life().process();
    if (process == null || holder.life().hasEnded() || !process.isAlive()) {
      throw new ServiceException.FailedPrecondition(
          (holder.isInfra() ? "infra container " : "target container ")
              + holder.id()
              + " of the PID namespace does not run");
    }
    return process;
  }
}
