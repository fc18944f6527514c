package io.crij.runtime.settings;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Annotations of pods that ask the runtime for something: those of CRI-O, by their names of now and
 * of before. Each has to be allowed, to the pod's handler or its workload.
 */
public enum PodAnnotation {
  /** Devices of the node, as {@code /dev/fuse,/dev/net/tun:/dev/tun:rw}. */
  DEVICES("devices.crio.io", "io.kubernetes.cri-o.Devices"),
  /** How large /dev/shm is. */
  SHM_SIZE("shm-size.crio.io", "io.kubernetes.cri-o.ShmSize"),
  /** The umask of first processes, in octal digits. */
  UMASK("umask.crio.io", "io.kubernetes.cri-o.umask"),
  /** With a slash and a container's name: {@code enable} adds the shared processors to its own. */
  CPU_SHARED("cpu-shared.crio.io"),
  /** With {@code true}: containers may write to their part of cgroup v2. */
  CGROUP_WRITABLE(
      "cgroup2-mount-hierarchy-rw.crio.io", "io.kubernetes.cri-o.cgroup2-mount-hierarchy-rw"),
  /**
   * With a slash and a container's name: settings of cgroup v2, as {@code
   * memory.high=1000000;memory.low=0}.
   */
  UNIFIED_CGROUP("unified-cgroup.crio.io", "io.kubernetes.cri-o.UnifiedCgroup"),
  /** With {@code true}: a volume whose topmost file has the pod's label is not relabelled. */
  TRY_SKIP_VOLUME_SELINUX_LABEL(
      "try-skip-volume-selinux-label.crio.io", "io.kubernetes.cri-o.TrySkipVolumeSELinuxLabel");

  @SuppressWarnings("ImmutableEnumChecker") // by List.of
  private final List<String> names;

  PodAnnotation(String... names) {
    this.names = List.of(names);
  }

  /** The present name first. */
  public List<String> names() {
    return names;
  }

  /** The annotation of a name; null when there is none. */
  public static @Nullable PodAnnotation find(String name) {
    for (PodAnnotation annotation : values()) {
      if (annotation.names.contains(name)) {
        return annotation;
      }
    }
    return null;
  }

  /** What a pod says; empty when it says nothing. */
  public String value(Map<String, String> annotations) {
    return value(annotations, "");
  }

  /**
   * What a pod says of one of its containers; empty when it says nothing. The old names have a dot
   * before the container's.
   */
  public String ofContainer(Map<String, String> annotations, String container) {
    String value = value(annotations, "/" + container);
    return value.isEmpty() ? value(annotations, "." + container) : value;
  }

  private String value(Map<String, String> annotations, String suffix) {
    for (String name : names) {
      String value = annotations.get(name + suffix);
      if (value != null) {
        return value;
      }
    }
    return "";
  }
}
