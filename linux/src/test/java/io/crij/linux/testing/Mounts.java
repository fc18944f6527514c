package io.crij.linux.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The mounts this JVM sees: proc_pid_mountinfo(5). */
final class Mounts {
  private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");

  private Mounts() {}

  static List<Trace> scan(Scope scope) {
    List<Trace> found = new ArrayList<>();
    for (String line : Proc.read(MOUNTINFO).split("\n")) {
      if (!line.isEmpty() && (scope.alone() || scope.owns(line))) {
        found.add(new Trace(Trace.Kind.MOUNT, describe(line)));
      }
    }
    return found;
  }

  /** Mount points at and below a folder, the latest mount first. */
  static List<String> below(Path folder) {
    List<String> points = new ArrayList<>();
    for (String line : Proc.read(MOUNTINFO).split("\n")) {
      String[] fields = line.split(" ");
      if (fields.length > 4 && Path.of(fields[4]).startsWith(folder)) {
        points.addFirst(fields[4]);
      }
    }
    return points;
  }

  /** The line of a process's root file system, or empty. */
  static String rootOf(Path process) {
    for (String line : Proc.read(process.resolve("mountinfo")).split("\n")) {
      String[] fields = line.split(" ");
      if (fields.length > 4 && fields[4].equals("/")) {
        return line;
      }
    }
    return "";
  }

  // The mount's id stays in: the same thing mounted twice over is two mounts.
  private static String describe(String line) {
    String[] fields = line.split(" ");
    int separator = line.indexOf(" - ");
    return fields[4]
        + " (id "
        + fields[0]
        + ", root "
        + fields[3]
        + line.substring(separator)
        + ")";
  }
}
