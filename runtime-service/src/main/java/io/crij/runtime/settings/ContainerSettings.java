package io.crij.runtime.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What containers and pods get beyond their requests.
 *
 * @param hooksDirs folders of oci-hooks(5); a later one wins over an earlier one
 * @param sysctls of pods, where the namespace is the pod's own and its request does not name them
 * @param handlers by their names; a handler without an entry has {@link HandlerSettings#USUAL}
 * @param workloads in the order in which they are tried
 * @param cpus processors that are set aside
 */
public record ContainerSettings(
    ProcessSettings process,
    MountSettings mounts,
    DeviceSettings devices,
    List<Path> hooksDirs,
    Map<String, String> sysctls,
    Map<String, HandlerSettings> handlers,
    List<Workload> workloads,
    CpuSettings cpus) {
  /** When nothing is configured. */
  public static final ContainerSettings USUAL =
      new ContainerSettings(
          ProcessSettings.USUAL,
          MountSettings.NONE,
          DeviceSettings.NONE,
          List.of(),
          Map.of(),
          Map.of(),
          List.of(),
          CpuSettings.NONE);

  public ContainerSettings {
    hooksDirs = List.copyOf(hooksDirs);
    sysctls = Map.copyOf(sysctls);
    handlers = Map.copyOf(handlers);
    workloads = List.copyOf(workloads);
  }

  /** Of a handler. */
  public HandlerSettings handler(String name) {
    return handlers.getOrDefault(name, HandlerSettings.USUAL);
  }

  /** Seccomp profiles of a handler's containers. */
  public SeccompSettings seccomp(String handler) {
    Path own = handler(handler).seccompProfile();
    return own == null
        ? process.seccomp()
        : new SeccompSettings(own, process.seccomp().privileged());
  }

  /** The workload of a pod; null: none. */
  public @Nullable Workload workload(Map<String, String> annotations) {
    for (Workload workload : workloads) {
      if (annotations.containsKey(workload.activationAnnotation())) {
        return workload;
      }
    }
    return null;
  }

  /** What a pod with these annotations may ask for by them. */
  public Set<PodAnnotation> allowed(Map<String, String> annotations, String handler) {
    Set<PodAnnotation> allowed = new TreeSet<>(handler(handler).allowed());
    Workload workload = workload(annotations);
    if (workload != null) {
      allowed.addAll(workload.allowed());
    }
    return allowed;
  }

  /** What of it is for the container that holds a pod's PID namespace, and does nothing else. */
  public ContainerSettings ofInfra() {
    return new ContainerSettings(
        process.ofInfra(),
        MountSettings.NONE,
        DeviceSettings.NONE,
        List.of(),
        Map.of(),
        handlers,
        List.of(),
        cpus);
  }
}
