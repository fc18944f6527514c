package io.crij.runtime.pod;

import static io.crij.linux.testing.Eventually.await;

import io.crij.linux.process.CurrentProcess;
import io.crij.linux.process.Pidfd;
import io.crij.linux.process.ProcessId;
import io.crij.linux.process.Signals;
import io.crij.runtime.cgroup.ControlGroups;
import io.crij.runtime.hostport.ForwardedPort;
import io.crij.runtime.hostport.PortForwarder;
import io.crij.runtime.monitor.Monitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A real monitor in the network of a test's node, begun when something is asked of it. */
final class NodeMonitor implements PortForwarder {
  private final Path runroot;
  private final Path network;
  private final String cgroup;
  private final Set<ProcessId> processes = new HashSet<>();
  private @Nullable Monitor monitor;
  private Runnable onReplaced = () -> {};

  NodeMonitor(Path runroot, Path network) {
    this.runroot = runroot;
    this.network = network;
    this.cgroup = "/crij-test-" + ProcessHandle.current().pid() + "-ports";
  }

  void whenReplaced(Runnable action) {
    onReplaced = action;
  }

  @Override
  public synchronized List<String> forward(String sandboxId, List<ForwardedPort> ports) {
    return isBegun() || !ports.isEmpty()
        ? monitor().forwards().forward(sandboxId, ports)
        : List.of();
  }

  @Override
  public synchronized Set<String> sandboxIds() {
    return isBegun() ? monitor().forwards().sandboxIds() : Set.of();
  }

  private boolean isBegun() {
    return Files.exists(runroot.resolve("monitor/conmon.sock"));
  }

  private Monitor monitor() {
    Monitor open = monitor;
    if (open == null) {
      open = Monitor.open(settings(), ControlGroups.ofNode(), _ -> {});
      open.whenReplaced(() -> onReplaced.run());
      monitor = open;
      processes.add(process());
    }
    return open;
  }

  private Monitor.Settings settings() {
    return new Monitor.Settings(
        List.of(
            "/usr/bin/nsenter",
            "--net=" + network,
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx64m",
            "io.crij.monitor.Main"),
        runroot,
        runroot.resolve("conmon-j.log"),
        cgroup);
  }

  /** The client goes, as when its program is killed. */
  synchronized void disconnect() {
    if (monitor != null) {
      monitor.close();
      monitor = null;
    }
  }

  /** Kills the process with -9; its end is awaited. */
  void kill() {
    try (Pidfd process = Objects.requireNonNull(Pidfd.open(process()))) {
      process.signal(Signals.SIGKILL);
      process.awaitEnd(Duration.ofMinutes(1));
    }
  }

  private synchronized ProcessId process() {
    return Objects.requireNonNull(ProcessId.find(monitor().info().pid()));
  }

  /** Its threads may take a while to end, and it can be reaped only then. */
  private static boolean isReaped(ProcessId process) {
    CurrentProcess.reap(process.pid());
    return process.stat() == null;
  }

  void end() {
    if (isBegun()) {
      processes.add(process());
      monitor().end();
      for (ProcessId ended : processes) {
        await("the monitor's end", () -> isReaped(ended));
      }
      ControlGroups.ofNode().remove(cgroup, Duration.ofMinutes(1));
    }
    disconnect();
  }
}
