package io.crij.e2e.survival;

import io.crij.e2e.node.Node;
import io.crij.e2e.program.Eventually;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How they die. */
public enum Death {
  /** kill -9. */
  KILLED,
  /** SIGTERM, as systemd stops a service. */
  STOPPED,
  /** By the kernel, at the limit of a memory cgroup. */
  OUT_OF_MEMORY,
  /** By itself, when the heap of its JVM is used up. */
  OUT_OF_HEAP,
  /** kill -9, again and again, while calls are under way. */
  RESTARTED_UNDER_LOAD;

  private static final Duration ENDS_WITHIN = Duration.ofMinutes(2);

  /** How often one dies. */
  public int times() {
    return this == RESTARTED_UNDER_LOAD ? 3 : 1;
  }

  /** Whether one has no moment to finish what it is at. */
  public boolean isSudden() {
    return this != STOPPED;
  }

  /** Whether a victim can be made to die so from outside: only the monitor takes long requests. */
  public boolean comesTo(Victim victim) {
    return this != OUT_OF_HEAP || victim == Victim.MONITOR;
  }

  /** Ends the victims of a node, and waits until they are gone. */
  void strike(Victim victim, Node node, PrivateRoot home) throws IOException {
    List<ProcessHandle> processes = victim.of(node);
    switch (this) {
      case KILLED, RESTARTED_UNDER_LOAD -> processes.forEach(ProcessHandle::destroyForcibly);
      case STOPPED -> processes.forEach(ProcessHandle::destroy);
      case OUT_OF_MEMORY -> outOfMemory(processes, node, home);
      case OUT_OF_HEAP -> UnfinishedRequests.sendTo(home.runroot().resolve("monitor/conmon.sock"));
    }
    for (ProcessHandle process : processes) {
      process.onExit().orTimeout(ENDS_WITHIN.toSeconds(), TimeUnit.SECONDS).join();
    }
  }

  private static void outOfMemory(List<ProcessHandle> processes, Node node, PrivateRoot home)
      throws IOException {
    try (MemoryLimit limit = MemoryLimit.create(home)) {
      for (ProcessHandle process : processes) {
        limit.add(process.pid());
      }
      Eventually.holds(
          ENDS_WITHIN,
          () -> {
            // What needs memory in both.
            node.crictl().attempt("--timeout", "5s", "stats");
            node.crictl().attempt("--timeout", "5s", "ps", "-a");
            return processes.stream().noneMatch(ProcessHandle::isAlive);
          },
          () -> "not killed by the kernel\n" + node.log());
    }
  }
}
