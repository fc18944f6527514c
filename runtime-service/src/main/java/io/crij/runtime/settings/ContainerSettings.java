package io.crij.runtime.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

  /** What a pod asks for by an annotation; empty: nothing, or it may not. */
  public String asked(PodAnnotation annotation, Map<String, String> annotations, String handler) {
    return annotation.value(believed(annotation, annotations, handler));
  }

  /** What a pod asks for by an annotation for one of its containers; empty: nothing. */
  public String askedFor(
      String container, PodAnnotation annotation, Map<String, String> annotations, String handler) {
    return annotation.ofContainer(believed(annotation, annotations, handler), container);
  }

  /** The pod's own where it may ask, above those of its handler. */
  private Map<String, String> believed(
      PodAnnotation annotation, Map<String, String> annotations, String handler) {
    HandlerAnnotations ofHandler = handler(handler).annotations();
    Workload workload = workload(annotations);
    boolean allowed =
        ofHandler.allowed().contains(annotation)
            || (workload != null && workload.allowed().contains(annotation));
    return ofHandler.withDefaults(allowed ? annotations : Map.of());
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
