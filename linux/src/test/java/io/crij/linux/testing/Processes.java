package io.crij.linux.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Processes that a test, or what a test started, has made. */
final class Processes {
  private static final Path PROC = Path.of("/proc");
  private static final long SELF = ProcessHandle.current().pid();

  /**
   * A process as in proc_pid_stat(5); the start time tells it from a later one with its number.
   *
   * @param started in clock ticks since boot
   */
  private record Found(long pid, String name, char state, long parent, long started) {
    String describe() {
      String command = Proc.read(PROC.resolve(pid + "/cmdline")).replace('\0', ' ').strip();
      return pid + " started " + started + ": " + (command.isEmpty() ? name : command);
    }
  }

  private Processes() {}

  static List<Trace> scan(Scope scope) {
    List<Trace> traces = new ArrayList<>();
    for (Found process : ours(scope)) {
      boolean zombie = process.state() == 'Z';
      traces.add(
          zombie
              ? new Trace(Trace.Kind.ZOMBIE, process.pid() + " (" + process.name() + ")")
              : new Trace(Trace.Kind.PROCESS, process.describe()));
    }
    return traces;
  }

  /** Numbers of the living processes of a scope, this JVM not among them. */
  static Set<Long> living(Scope scope) {
    Set<Long> pids = new HashSet<>();
    for (Found process : ours(scope)) {
      if (process.state() != 'Z') {
        pids.add(process.pid());
      }
    }
    return pids;
  }

  private static List<Found> ours(Scope scope) {
    Map<Long, Found> all = new HashMap<>();
    for (Path folder : Proc.listNumbers(PROC)) {
      Found process = parse(Proc.read(folder.resolve("stat")));
      if (process != null) {
        all.put(process.pid(), process);
      }
    }
    List<Found> ours = new ArrayList<>();
    for (Found process : all.values()) {
      if (process.pid() != SELF && (descendsFromUs(process, all) || carriesMark(process, scope))) {
        ours.add(process);
      }
    }
    return ours;
  }

  private static @Nullable Found parse(String stat) {
    // The name may hold spaces and parentheses: what follows the last one is regular.
    int open = stat.indexOf('(');
    int close = stat.lastIndexOf(')');
    if (open < 0 || close < open) {
      return null;
    }
    String[] rest = stat.substring(close + 2).split(" ");
    return new Found(
        Long.parseLong(stat.substring(0, open - 1)),
        stat.substring(open + 1, close),
        rest[0].charAt(0),
        Long.parseLong(rest[1]),
        Long.parseLong(rest[19]));
  }

  private static boolean descendsFromUs(Found process, Map<Long, Found> all) {
    Found at = process;
    // A list taken while processes come and go could hold a circle.
    for (int depth = 0; at != null && depth < all.size(); depth++) {
      if (at.parent() == SELF) {
        return true;
      }
      at = all.get(at.parent());
    }
    return false;
  }

  private static boolean carriesMark(Found process, Scope scope) {
    Path folder = PROC.resolve(Long.toString(process.pid()));
    // The build's own JVM, and whoever started it, may carry the mark too: they are older than us.
    if (isAncestor(process)) {
      return false;
    }
    String environment = "\0" + Proc.read(folder.resolve("environ"));
    return (scope.testId() != null
            && environment.contains("\0" + Scope.TEST_ID + "=" + scope.testId() + "\0"))
        || scope.owns(Proc.read(folder.resolve("cmdline")))
        || scope.owns(Proc.link(folder.resolve("cwd")))
        || scope.owns(Mounts.rootOf(folder))
        || Proc.read(folder.resolve("cgroup")).contains(":" + scope.home().cgroup());
  }

  private static boolean isAncestor(Found process) {
    for (var at = ProcessHandle.current().parent(); at.isPresent(); at = at.get().parent()) {
      if (at.get().pid() == process.pid()) {
        return true;
      }
    }
    return false;
  }
}
