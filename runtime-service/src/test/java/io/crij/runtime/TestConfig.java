package io.crij.runtime;

import io.crij.runtime.RuntimeServiceConfig.CgroupManager;
import io.crij.runtime.RuntimeServiceConfig.ContainerLogs;
import io.crij.runtime.RuntimeServiceConfig.Handler;
import io.crij.runtime.RuntimeServiceConfig.Network;
import io.crij.runtime.RuntimeServiceConfig.Pause;
import io.crij.runtime.settings.ContainerSettings;
import io.crij.runtime.settings.HandlerSettings;
import io.crij.runtime.settings.ProcessSettings;
import io.crij.runtime.settings.SelinuxSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Settings of a service for tests, each of which changes what it is about. */
public final class TestConfig {
  /** Starts conmon-j of the classes under test. */
  public static final List<String> MONITOR_COMMAND =
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

  private TestConfig() {}

  /** What is usual of containers and pods, but for these. */
  public static ContainerSettings settings(
      Map<String, String> sysctls, Map<String, HandlerSettings> handlers) {
    ContainerSettings usual = ContainerSettings.USUAL;
    return new ContainerSettings(
        usual.process(),
        usual.mounts(),
        usual.devices(),
        usual.hooksDirs(),
        sysctls,
        handlers,
        usual.workloads(),
        usual.cpus());
  }

  /** What is usual of containers and pods, but for SELinux. */
  public static ContainerSettings settings(SelinuxSettings selinux) {
    ContainerSettings usual = ContainerSettings.USUAL;
    ProcessSettings process = usual.process();
    return new ContainerSettings(
        new ProcessSettings(
            process.env(),
            process.limits(),
            process.capabilities(),
            process.inheritableCapabilities(),
            process.pidsLimit(),
            process.minGomaxprocs(),
            selinux,
            process.apparmorProfile(),
            process.seccomp()),
        usual.mounts(),
        usual.devices(),
        usual.hooksDirs(),
        usual.sysctls(),
        usual.handlers(),
        usual.workloads(),
        usual.cpus());
  }

  /** What is usual of a service whose cgroups are below {@code cgroup}; it has no monitor. */
  public static RuntimeServiceConfig usual(
      Path root, Path runroot, Map<String, Handler> runtimes, String cgroup, Network network) {
    return new RuntimeServiceConfig(
        root,
        runroot,
        "",
        runtimes,
        CgroupManager.CGROUPFS,
        cgroup,
        RuntimeServiceConfig.USUAL_SHM_BYTES,
        network,
        ContainerLogs.UNLIMITED,
        List.of(),
        RuntimeServiceConfig.usualMonitorCgroup(cgroup),
        new Pause("", ""),
        ContainerSettings.USUAL);
  }

  /** With the handler that pods get which name none, and what starts the monitor. */
  public static RuntimeServiceConfig with(
      RuntimeServiceConfig config, String defaultRuntime, List<String> monitorCommand) {
    return copy(
        config,
        defaultRuntime,
        config.cgroupManager(),
        monitorCommand,
        config.pause(),
        config.settings());
  }

  public static RuntimeServiceConfig with(
      RuntimeServiceConfig config, Map<String, Handler> runtimes) {
    return new RuntimeServiceConfig(
        config.root(),
        config.runroot(),
        config.defaultRuntime(),
        runtimes,
        config.cgroupManager(),
        config.cgroupParent(),
        config.shmBytes(),
        config.network(),
        config.containerLogs(),
        config.monitorCommand(),
        config.monitorCgroup(),
        config.pause(),
        config.settings());
  }

  public static RuntimeServiceConfig with(RuntimeServiceConfig config, CgroupManager manager) {
    return copy(
        config,
        config.defaultRuntime(),
        manager,
        config.monitorCommand(),
        config.pause(),
        config.settings());
  }

  public static RuntimeServiceConfig with(RuntimeServiceConfig config, Pause pause) {
    return copy(
        config,
        config.defaultRuntime(),
        config.cgroupManager(),
        config.monitorCommand(),
        pause,
        config.settings());
  }

  public static RuntimeServiceConfig with(RuntimeServiceConfig config, ContainerSettings settings) {
    return copy(
        config,
        config.defaultRuntime(),
        config.cgroupManager(),
        config.monitorCommand(),
        config.pause(),
        settings);
  }

  private static RuntimeServiceConfig copy(
      RuntimeServiceConfig config,
      String defaultRuntime,
      CgroupManager manager,
      List<String> monitorCommand,
      Pause pause,
      ContainerSettings settings) {
    return new RuntimeServiceConfig(
        config.root(),
        config.runroot(),
        defaultRuntime,
        config.runtimes(),
        manager,
        config.cgroupParent(),
        config.shmBytes(),
        config.network(),
        config.containerLogs(),
        monitorCommand,
        config.monitorCgroup(),
        pause,
        settings);
  }
}
