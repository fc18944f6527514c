package io.crij.runtime.oci.spec;

import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.runtime.ServiceException;
import io.crij.runtime.oci.node.NodeFacts;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Paths hidden from the container or made read-only. A request's own list adds to the defaults: an
 * empty one cannot be told from none.
 */
final class ProtectedPaths {
  // The union of CRI-O's and containerd's.
  private static final List<String> MASKED =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/interrupts",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/sys/devices/virtual/powercap",
          "/sys/firmware");
  private static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private ProtectedPaths() {}

  static Set<String> masked(LinuxContainerSecurityContext security, NodeFacts node) {
    Set<String> paths = new TreeSet<>(MASKED);
    for (int cpu = 0; cpu <= node.highestProcessor(); cpu++) {
      paths.add("/sys/devices/system/cpu/cpu" + cpu + "/thermal_throttle");
    }
    return add(paths, "masked_paths", security.getMaskedPathsList());
  }

  static Set<String> readOnly(LinuxContainerSecurityContext security) {
    return add(new TreeSet<>(READ_ONLY), "readonly_paths", security.getReadonlyPathsList());
  }

  private static Set<String> add(Set<String> paths, String field, Collection<String> requested) {
    for (String path : requested) {
      if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
        throw new ServiceException.InvalidArgument(
            "linux.security_context." + field + ": not an absolute path: '" + path + "'");
      }
      paths.add(path);
    }
    return paths;
  }
}
