package io.crij.linux.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What this JVM itself holds: descriptors, and the namespaces of its threads. */
final class Internals {
  // Namespaces ("net:[4026531840]"), processes, and terminals: what keeps something alive
  // elsewhere.
  private static final Pattern HOLDING =
      Pattern.compile("[a-z_]+:\\[\\d+]|anon_inode:\\[pidfd]|pidfd:.*|/dev/ptmx|/dev/pts/ptmx");
  private static final Pattern PIPE_OR_SOCKET = Pattern.compile("(pipe|socket):.*");
  private static final List<String> NAMESPACES =
      List.of("cgroup", "ipc", "mnt", "net", "pid", "user", "uts");

  private Internals() {}

  static List<Trace> descriptors() {
    List<Trace> found = new ArrayList<>();
    for (Path fd : Proc.listNumbers(Path.of("/proc/self/fd"))) {
      String target = Proc.link(fd);
      if (HOLDING.matcher(target).matches() && !PIPE_OR_SOCKET.matcher(target).matches()) {
        found.add(new Trace(Trace.Kind.DESCRIPTOR, Proc.name(fd) + " -> " + target));
      }
    }
    return found;
  }

  static List<Trace> threads() {
    List<Trace> found = new ArrayList<>();
    Path self = Path.of("/proc/self");
    for (Path task : Proc.listNumbers(self.resolve("task"))) {
      for (String namespace : NAMESPACES) {
        String theirs = Proc.link(task.resolve("ns/" + namespace));
        // A thread that just ended has none.
        if (!theirs.isEmpty() && !theirs.equals(Proc.link(self.resolve("ns/" + namespace)))) {
          String name = Proc.read(task.resolve("comm")).strip();
          found.add(new Trace(Trace.Kind.THREAD, name + " (" + Proc.name(task) + ") in " + theirs));
        }
      }
    }
    return found;
  }
}
