package io.crij.runtime.sandbox;

import io.crij.cri.v1.LinuxPodSandboxConfig;
import io.crij.cri.v1.NamespaceMode;
import io.crij.cri.v1.NamespaceOption;
import io.crij.cri.v1.PodSandboxConfig;
import io.crij.cri.v1.SELinuxOption;
import io.crij.linux.namespace.NamespaceType;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pod sandbox as recorded: all but its state and its resources is written once. An immutable
 * snapshot.
 *
 * @param config as requested, validated, with what SELinux calls its processes
 * @param runtimeHandler as requested; empty for the default one
 * @param cgroupParent of its containers' cgroups: an absolute path below the cgroup root
 * @param hostname of its UTS namespace; the node's where it has none of its own
 * @param namespaces those it has of its own
 * @param bootId of the boot in which it was made: after another boot nothing of it is on the node
 */
public record Sandbox(
    String id,
    PodSandboxConfig config,
    String runtimeHandler,
    String cgroupParent,
    String hostname,
    Set<NamespaceType> namespaces,
    SandboxFolder folder,
    Instant createdAt,
    String bootId,
    SandboxState state) {

  private static final Path NODE_SHM = Path.of("/dev/shm");

  public Sandbox {
    namespaces = Set.copyOf(namespaces);
  }

  public Sandbox withState(SandboxState newState) {
    return with(config, newState);
  }

  /** What its cgroup has as a whole, as {@code linux} says; what that leaves out stays. */
  public Sandbox withResources(LinuxPodSandboxConfig linux) {
    PodSandboxConfig.Builder changed = config.toBuilder();
    if (linux.hasOverhead()) {
      changed.getLinuxBuilder().setOverhead(linux.getOverhead());
    }
    if (linux.hasResources()) {
      changed.getLinuxBuilder().setResources(linux.getResources());
    }
    return with(changed.build(), state);
  }

  /** The labels of its processes, as SELinux has them. */
  public SELinuxOption label() {
    return config.getLinux().getSecurityContext().getSelinuxOptions();
  }

  /** As {@link #label()}, all of it, whatever the request said. */
  public Sandbox withLabel(SELinuxOption label) {
    PodSandboxConfig.Builder changed = config.toBuilder();
    changed.getLinuxBuilder().getSecurityContextBuilder().setSelinuxOptions(label);
    return with(changed.build(), state);
  }

  private Sandbox with(PodSandboxConfig newConfig, SandboxState newState) {
    return new Sandbox(
        id,
        newConfig,
        runtimeHandler,
        cgroupParent,
        hostname,
        namespaces,
        folder,
        createdAt,
        bootId,
        newState);
  }

  public boolean isReady() {
    return state == SandboxState.READY;
  }

  /** Whether containers of it may run: it was made and not stopped, whatever became of it. */
  public boolean mayRun() {
    return state == SandboxState.READY || state == SandboxState.BROKEN;
  }

  /** What the request said about namespaces; unset fields mean POD (CRI, NamespaceOption). */
  public NamespaceOption namespaceOptions() {
    return config.getLinux().getSecurityContext().getNamespaceOptions();
  }

  /**
   * Where the sandbox's own namespace of this type is pinned.
   *
   * @return null when the sandbox uses the node's
   */
  public @Nullable Path namespacePath(NamespaceType type) {
    return namespaces.contains(type) ? folder.namespace(type) : null;
  }

  public boolean usesNodeNetwork() {
    return namespaceOptions().getNetwork() == NamespaceMode.NODE;
  }

  /**
   * Whether its containers share a PID namespace, which an infra container holds: the request says
   * POD. One that says nothing at all about namespaces does not ask for it.
   */
  public boolean sharesPid() {
    return config.getLinux().getSecurityContext().hasNamespaceOptions()
        && namespaceOptions().getPid() == NamespaceMode.POD;
  }

  /** The user namespace of its containers; null: the node's. */
  public @Nullable UserMapping userMapping() {
    return UserMapping.of(namespaceOptions());
  }

  /** What its containers see as {@code /dev/shm}: the node's with the node's IPC namespace. */
  public Path shm() {
    return namespaces.contains(NamespaceType.IPC) ? folder.shm() : NODE_SHM;
  }

  /** Namespace, name, uid and attempt: what the kubelet tells pods apart by. */
  public String name() {
    return name(config);
  }

  /** The name that a sandbox of this configuration holds. */
  public static String name(PodSandboxConfig config) {
    var metadata = config.getMetadata();
    return String.join(
        "_",
        metadata.getNamespace(),
        metadata.getName(),
        metadata.getUid(),
        Integer.toUnsignedString(metadata.getAttempt()));
  }
}
