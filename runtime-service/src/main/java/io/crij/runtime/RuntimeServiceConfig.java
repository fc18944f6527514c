package io.crij.runtime;

import io.crij.runtime.settings.ContainerSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the runtime service.
 *
 * @param root for what survives a reboot, e.g. {@code /var/lib/crij}
 * @param runroot for what does not, e.g. {@code /run/crij}
 * @param defaultRuntime a key of {@code runtimes}, or empty: the first of crun, runc that can run
 *     here
 * @param runtimes OCI runtimes by handler name
 * @param cgroupManager who makes cgroups
 * @param cgroupParent for pods whose request names none, e.g. {@code /crij}
 * @param shmBytes of {@code /dev/shm} of pods that do not say it
 * @param network CNI
 * @param containerLogs what may be logged
 * @param monitorCommand starts conmon-j; {@code --runroot DIR} is added
 * @param monitorCgroup in which it is, unless a service manager starts it
 * @param pause what infra containers run
 * @param settings what containers and pods get beyond their requests
 */
public record RuntimeServiceConfig(
    Path root,
    Path runroot,
    String defaultRuntime,
    Map<String, Handler> runtimes,
    CgroupManager cgroupManager,
    String cgroupParent,
    long shmBytes,
    Network network,
    ContainerLogs containerLogs,
    List<String> monitorCommand,
    String monitorCgroup,
    Pause pause,
    ContainerSettings settings) {

  /** What pods have with the peers as {@code /dev/shm}. */
  public static final long USUAL_SHM_BYTES = 64L << 20;

  public RuntimeServiceConfig {
    runtimes = Map.copyOf(runtimes);
    monitorCommand = List.copyOf(monitorCommand);
  }

  /** Where the monitor is when nothing is said of it. */
  public static String usualMonitorCgroup(String cgroupParent) {
    return cgroupParent + "/monitor";
  }

  /**
   * This, with the settings of {@code changed} for what is made from then on: OCI runtimes, sizes
   * of {@code /dev/shm}, what may be logged, what infra containers run, and what containers get.
   */
  RuntimeServiceConfig withLive(RuntimeServiceConfig changed) {
    return new RuntimeServiceConfig(
        root,
        runroot,
        changed.defaultRuntime,
        changed.runtimes,
        cgroupManager,
        cgroupParent,
        changed.shmBytes,
        network,
        changed.containerLogs,
        monitorCommand,
        monitorCgroup,
        changed.pause,
        changed.settings);
  }

  /**
   * What the infra container runs of a pod whose containers share a PID namespace.
   *
   * @param image its name; empty: there is none, and such pods cannot be run
   * @param command a program in the image; empty: as the image says
   */
  public record Pause(String image, String command) {}

  /** Who makes cgroups (CRI RuntimeConfig): the OCI runtime itself, or systemd, which it asks. */
  public enum CgroupManager {
    CGROUPFS,
    SYSTEMD
  }

  /**
   * An OCI runtime.
   *
   * @param isVm whether it has no commands of an OCI runtime, but speaks containerd's shim
   *     protocol, as Kata does: then it is known and cannot run
   * @param runtimePath its program
   * @param platformPaths its programs for images of other platforms, by {@code os/architecture}
   * @param root where it keeps its own records of containers; null: in the runroot
   * @param arguments before its command, such as {@code --platform=systrap}
   * @param createArguments after {@code create}, such as {@code --no-pivot}
   */
  public record Handler(
      boolean isVm,
      Path runtimePath,
      Map<String, Path> platformPaths,
      @Nullable Path root,
      List<String> arguments,
      List<String> createArguments) {
    public Handler {
      platformPaths = Map.copyOf(platformPaths);
      arguments = List.copyOf(arguments);
      createArguments = List.copyOf(createArguments);
    }

    /** One without anything special. */
    public Handler(Path runtimePath) {
      this(false, runtimePath, Map.of(), null, List.of(), List.of());
    }

    /** The same with another program. */
    public Handler withProgram(Path program) {
      return new Handler(isVm, program, platformPaths, root, arguments, createArguments);
    }

    /** Where it keeps its own records of containers. */
    public Path root(Path runroot, String name) {
      return root == null ? runroot.resolve("oci").resolve(name) : root;
    }
  }

  /**
   * What each container may log.
   *
   * @param maxBytes at this size a log starts again from empty; 0: no limit
   * @param floodPolicy what happens to output that comes faster than it can or may be logged
   * @param bytesPerSecond what may be logged of both streams together; 0: no limit
   * @param toJournald whether the journal of the node has a copy
   */
  public record ContainerLogs(
      long maxBytes, FloodPolicy floodPolicy, long bytesPerSecond, boolean toJournald) {
    /** Without limits; a container waits until its output is logged. */
    public static final ContainerLogs UNLIMITED = new ContainerLogs(0, FloodPolicy.BLOCK, 0, false);

    /** The container waits, or what it writes is dropped and counted in its log. */
    public enum FloodPolicy {
      BLOCK,
      DROP
    }
  }

  /**
   * Where CNI finds its files.
   *
   * @param networkDir configurations, first by name wins
   * @param networkName the network that is wanted; empty: any
   * @param pluginDirs plugins
   * @param confTemplate of which a configuration is made for the ranges that the kubelet gives;
   *     null: others put one there
   */
  public record Network(
      Path networkDir, String networkName, List<Path> pluginDirs, @Nullable Path confTemplate) {
    /** Of whatever network comes first. */
    public Network(Path networkDir, List<Path> pluginDirs, @Nullable Path confTemplate) {
      this(networkDir, "", pluginDirs, confTemplate);
    }

    public Network {
      pluginDirs = List.copyOf(pluginDirs);
    }
  }
}
