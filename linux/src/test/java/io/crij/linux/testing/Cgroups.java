package io.crij.linux.testing;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Cgroup folders, of both versions. */
final class Cgroups {
  private static final Path TOP = Path.of("/sys/fs/cgroup");
  private static final int DEPTH = 12;

  private Cgroups() {}

  static List<Trace> scan(Scope scope) {
    List<Trace> found = new ArrayList<>();
    walk(TOP, DEPTH, scope, found);
    return found;
  }

  private static void walk(Path folder, int depth, Scope scope, List<Trace> found) {
    for (Path entry : Proc.list(folder)) {
      if (depth == 0 || !Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
        continue;
      }
      if (scope.alone() || entry.toString().contains(scope.home().cgroup())) {
        found.add(new Trace(Trace.Kind.CGROUP, entry.toString()));
      }
      walk(entry, depth - 1, scope, found);
    }
  }
}
