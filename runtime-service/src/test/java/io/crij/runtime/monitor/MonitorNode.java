package io.crij.runtime.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.process.CurrentProcess;
import io.crij.linux.process.Pidfd;
import io.crij.linux.process.ProcessId;
import io.crij.linux.process.ProcessStat;
import io.crij.linux.process.Signals;
import io.crij.linux.testing.PrivateRoot;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.Exited;
import io.crij.monitor.v1.LogConfig;
import io.crij.monitor.v1.OciRuntime;
import io.crij.runtime.cgroup.ControlGroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * A real monitor with its client, and an OCI runtime that starts a plain process for a container:
 * what is tried here are processes, pipes and descriptors, and hundreds of containers at little
 * cost.
 */
final class MonitorNode implements AutoCloseable {
  static final Duration LONG = Duration.ofMinutes(1);
  private static final Pulse.Limits SHORT =
      new Pulse.Limits(Duration.ofMillis(500), Duration.ofSeconds(8));
  private static final Duration LOOK_AGAIN = Duration.ofMillis(2);

  /** Its containers write their id and wait, until a signal makes them end with 7. */
  private static final String RUNTIME =
      """
      #!/bin/sh
      case "$*" in *" create "*) ;; *) exit 0;; esac
      while [ $# -gt 1 ]; do
        case $1 in --pid-file) file=$2;; esac
        shift
      done
      # What runs in the background would have no stdin else.
      exec 3<&0
      sh -c 'trap "exit 7" USR1; echo '$1'; while read line; do :; done; exit 8' <&3 3<&- &
      echo $! >"$file"
      """;

  private final PrivateRoot home;
  private final ControlGroups cgroups = ControlGroups.ofNode();
  private final Map<String, Exited> exits = new ConcurrentHashMap<>();
  private final Map<String, ContainerRecord> containers = new ConcurrentHashMap<>();
  private final Set<Integer> monitors = new HashSet<>();
  private final Path runtime;
  private Monitor monitor;

  MonitorNode(PrivateRoot home) throws IOException {
    this.home = home;
    runtime = Files.writeString(home.resolve("runtime"), RUNTIME);
    Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
    Files.createDirectories(home.runroot());
    monitor = open();
  }

  private Monitor open() {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-MaxFDLimit",
            "-Xmx64m",
            "io.crij.monitor.Main");
    Monitor.Settings settings =
        new Monitor.Settings(
            command, home.runroot(), home.resolve("conmon-j.log"), home.cgroup() + "/monitor");
    Monitor opened =
        Monitor.open(
            settings, cgroups, exited -> exits.put(exited.getContainerId(), exited), SHORT);
    monitors.add(opened.info().pid());
    return opened;
  }

  /** The client; another one after {@link #reopen}. */
  Monitor monitor() {
    return monitor;
  }

  /** A new client, as after a restart of the program, which has kept nothing. */
  void reopen() {
    monitor.close();
    monitor = open();
  }

  /**
   * The client goes and forgets; then the monitor is killed, and the container, which is reaped.
   */
  void killBoth(ContainerRecord container) throws InterruptedException {
    try (Pidfd process = monitorProcess()) {
      monitor.close();
      process.signal(Signals.SIGKILL);
      assertThat(process.awaitEnd(LONG)).isTrue();
    }
    ProcessId init = process(container);
    try (Pidfd pidfd = Objects.requireNonNull(Pidfd.open(init))) {
      pidfd.signal(Signals.SIGKILL);
    }
    await(() -> init.stat() == null);
  }

  /** Creates a container; it runs at once. */
  ContainerRecord create(String id) throws IOException, MonitorFailure {
    Path bundle = Files.createDirectories(home.resolve("bundles").resolve(id));
    ContainerRecord record =
        monitor.create(
            CreateRequest.newBuilder()
                .setContainerId(id)
                .setBundle(bundle.toString())
                .setRuntime(OciRuntime.newBuilder().setPath(runtime.toString()))
                .setLog(LogConfig.newBuilder().setPath(bundle.resolve("log").toString()))
                .setStdin(true)
                .build());
    containers.put(id, record);
    return record;
  }

  static ProcessId process(ContainerRecord record) {
    return new ProcessId(record.getPid(), record.getStartTimeTicks());
  }

  /** The process of the monitor that the client speaks to. */
  Pidfd monitorProcess() {
    int pid = monitor.info().pid();
    monitors.add(pid);
    return Objects.requireNonNull(Pidfd.open(Objects.requireNonNull(ProcessId.find(pid))));
  }

  /** Stops the monitor's process, which may still answer before it has noticed. */
  void stop(Pidfd process) throws InterruptedException {
    int pid = monitor.info().pid();
    assertThat(process.signal(Signals.SIGSTOP)).isTrue();
    await(() -> {
      ProcessStat stat = ProcessStat.read(pid);
      return stat != null && stat.state() == 'T';
    });
  }

  /** How a container ended, once the client was told. */
  Exited exited(String id) throws InterruptedException {
    await(() -> exits.containsKey(id));
    return Objects.requireNonNull(exits.get(id));
  }

  /** Waits for a condition, and says how long that took. */
  static Duration await(BooleanSupplier condition) throws InterruptedException {
    long begin = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - begin).as("waited").isLessThan(LONG.toNanos());
      Thread.sleep(LOOK_AGAIN);
    }
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  @Override
  public void close() {
    for (ContainerRecord container : containers.values()) {
      try (Pidfd pidfd = Pidfd.open(process(container))) {
        if (pidfd != null) {
          pidfd.signal(Signals.SIGKILL);
        }
      }
    }
    try (Pidfd process = monitorProcess()) {
      monitor.close();
      process.signal(Signals.SIGTERM);
      assertThat(process.awaitEnd(LONG)).isTrue();
    }
    monitors.forEach(CurrentProcess::reap);
    cgroups.remove(home.cgroup(), LONG);
  }
}
