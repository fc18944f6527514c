package io.crij.monitor.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether the kernel has killed a process of a cgroup for want of memory. */
final class OomKills {
  private static final String COUNTER = "oom_kill ";

  private OomKills() {}

  /**
   * Looks at the counter, in either version of cgroups.
   *
   * @param cgroupPath below the mount point; empty if unknown
   */
  static boolean seenIn(String cgroupPath) {
    if (cgroupPath.isEmpty()) {
      return false;
    }
    return counted(Path.of("/sys/fs/cgroup/memory", cgroupPath, "memory.oom_control"))
        || counted(Path.of("/sys/fs/cgroup", cgroupPath, "memory.events"));
  }

  private static boolean counted(Path file) {
    try {
      List<String> lines = Files.readAllLines(file, StandardCharsets.US_ASCII);
      return lines.stream().anyMatch(l -> l.startsWith(COUNTER) && !l.equals(COUNTER + "0"));
    } catch (IOException _) {
      // The other version, or the cgroup is gone.
      return false;
    }
  }
}
