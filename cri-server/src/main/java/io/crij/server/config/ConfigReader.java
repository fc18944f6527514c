package io.crij.server.config;

import io.crij.image.ImageServiceConfig;
import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.PullLimits;
import io.crij.runtime.RuntimeServiceConfig;
import io.crij.runtime.RuntimeServiceConfig.CgroupManager;
import io.crij.runtime.RuntimeServiceConfig.ContainerLogs;
import io.crij.runtime.RuntimeServiceConfig.Handler;
import io.crij.runtime.RuntimeServiceConfig.Network;
import io.crij.runtime.RuntimeServiceConfig.Pause;
import io.crij.server.config.container.ContainerReader;
import io.crij.server.config.given.AbsolutePath;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;
import io.crij.server.config.node.BaseCgroup;
import io.crij.server.config.telemetry.LogLevel;
import io.crij.server.config.telemetry.LogSettings;
import io.crij.server.config.telemetry.MetricsReader;
import io.crij.server.config.telemetry.TracingReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.PatternSyntaxException;

/** Turns what was given into the configuration; checked as a whole. */
final class ConfigReader {
  /** unix(7): "sun_path" holds 108 bytes; our longest name below the runroot needs the rest. */
  private static final int MAX_RUNROOT_BYTES = 80;

  /** CRI-O: "If it is positive, it must be >= 8192 to match/exceed conmon's read buffer". */
  private static final long MIN_LOG_BYTES = 8192;

  /** What gRPC's clients take unless they are told otherwise; streams send less at once. */
  private static final int MIN_MESSAGE_BYTES = 4 << 20;

  /** The files of a pod need some of it. */
  private static final long MIN_SHM_BYTES = 1 << 20;

  private static final String UNIX = "unix://";

  private final Given given;
  private final Map<String, String> environment;

  ConfigReader(Given given, Map<String, String> environment) {
    this.given = given;
    this.environment = environment;
  }

  ServerConfig read(Path home) {
    Path root = given.path(Key.ROOT);
    Path runroot = given.path(Key.RUNROOT);
    if (AbsolutePath.bytes(runroot) > MAX_RUNROOT_BYTES) {
      throw given.wrong(Key.RUNROOT, "longer than " + MAX_RUNROOT_BYTES + " bytes");
    }
    if (root.equals(runroot)) {
      throw given.wrong(Key.RUNROOT, "is the same directory as " + Key.ROOT.path());
    }
    String cgroupParent =
        runroot.equals(Path.of(Key.RUNROOT.fallback().getFirst()))
            ? BaseCgroup.NODE
            : BaseCgroup.of(runroot);
    RuntimesReader runtimesReader = new RuntimesReader(given);
    Map<String, Handler> runtimes = runtimesReader.handlers();
    RuntimeServiceConfig runtime =
        new RuntimeServiceConfig(
            root,
            runroot,
            runtimesReader.defaultName(runtimes),
            runtimes,
            given.choice(Key.CGROUP_MANAGER, CgroupManager.values()),
            cgroupParent,
            shmBytes(),
            network(),
            containerLogs(),
            List.of(home.resolve("bin/conmon-j").toString()),
            monitorCgroup(cgroupParent),
            pause(),
            new ContainerReader(given).read());
    ImageServiceConfig images =
        new ImageServiceConfig(
            root,
            runroot,
            new RegistriesReader(given, environment).read(),
            new ImageStoreReader(given)
                .read(root, runroot, environment)
                .withLayers(given.choice(Key.LAYER_FORMAT, LayerFormat.values())),
            pullLimits());
    return new ServerConfig(
        socket(runroot),
        log(),
        images,
        runtime,
        new MetricsReader(given).read(),
        new TracingReader(given).read(),
        new StreamingReader(given).read());
  }

  /** One below what is configured: others may be in that already. */
  private String monitorCgroup(String cgroupParent) {
    String group = given.get(Key.MONITOR_CGROUP).string();
    if (group.isEmpty()) {
      return RuntimeServiceConfig.usualMonitorCgroup(cgroupParent);
    }
    if (group.equals("pod")) {
      throw given.wrong(Key.MONITOR_CGROUP, "'pod': one monitor serves all pods of the node");
    }
    return given
        .path(Key.MONITOR_CGROUP)
        .resolve(cgroupParent.substring(1) + "-monitor")
        .toString();
  }

  private LogSettings log() {
    LogLevel level = given.choice(Key.LOG_LEVEL, LogLevel.values());
    try {
      return new LogSettings(level, given.get(Key.LOG_FILTER).string());
    } catch (PatternSyntaxException e) {
      throw given.wrong(Key.LOG_FILTER, "not a regular expression: " + e.getDescription());
    }
  }

  private Pause pause() {
    String command = given.get(Key.PAUSE_COMMAND).string();
    if (!command.isEmpty() && !command.startsWith("/")) {
      throw given.wrong(Key.PAUSE_COMMAND, "not an absolute path: '" + command + "'");
    }
    return new Pause(new ImageStoreReader(given).pauseImage(), command);
  }

  private PullLimits pullLimits() {
    return new PullLimits(
        given.duration(Key.PULL_PROGRESS_TIMEOUT),
        between(Key.MAX_CONCURRENT_DOWNLOADS, 1, PullLimits.MOST),
        between(Key.MAX_CONCURRENT_UNPACKS, 1, PullLimits.MOST));
  }

  private CriSocket socket(Path runroot) {
    return new CriSocket(
        listen(runroot),
        between(Key.LISTEN_UID, 0, Integer.MAX_VALUE),
        between(Key.LISTEN_GID, 0, Integer.MAX_VALUE),
        between(Key.GRPC_MAX_RECV_MSG_SIZE, MIN_MESSAGE_BYTES, Integer.MAX_VALUE),
        between(Key.GRPC_MAX_SEND_MSG_SIZE, MIN_MESSAGE_BYTES, Integer.MAX_VALUE));
  }

  private int between(Key key, int least, int most) {
    long number = given.number(key);
    if (number < least || number > most) {
      throw given.wrong(key, number + " is not between " + least + " and " + most);
    }
    return (int) number;
  }

  /**
   * A socket belongs to its runroot: one that a lower layer names is not taken over by an instance
   * that a higher layer gave a runroot of its own.
   */
  private Path listen(Path runroot) {
    Path own = runroot.resolve("crij.sock");
    Given.Value uri = given.find(Key.LISTEN);
    Given.Value runrootValue = given.find(Key.RUNROOT);
    if (uri == null
        || (runrootValue != null
            && runrootValue.origin().layer().compareTo(uri.origin().layer()) > 0)) {
      return own;
    }
    if (!uri.string().startsWith(UNIX)) {
      throw given.wrong(Key.LISTEN, "not a unix:// URI: " + uri.string());
    }
    Path socket =
        AbsolutePath.socket(uri.origin(), Key.LISTEN.path(), uri.string().substring(UNIX.length()));
    if (socket.equals(ServerConfig.adminSocket(runroot))) {
      throw given.wrong(Key.LISTEN, "is the admin socket");
    }
    return socket;
  }

  private Network network() {
    List<Path> plugins = given.paths(Key.PLUGIN_DIRS);
    if (plugins.isEmpty()) {
      throw given.wrong(Key.PLUGIN_DIRS, "empty");
    }
    return new Network(
        given.path(Key.NETWORK_DIR),
        given.get(Key.CNI_DEFAULT_NETWORK).string(),
        plugins,
        given.optionalPath(Key.CONF_TEMPLATE));
  }

  private long shmBytes() {
    long bytes = given.number(Key.SHM_SIZE);
    if (bytes < MIN_SHM_BYTES) {
      throw given.wrong(Key.SHM_SIZE, bytes + " is not at least " + MIN_SHM_BYTES);
    }
    return bytes;
  }

  private ContainerLogs containerLogs() {
    return new ContainerLogs(
        limit(Key.LOG_SIZE_MAX, MIN_LOG_BYTES),
        given.choice(Key.LOG_FLOOD_POLICY, ContainerLogs.FloodPolicy.values()),
        limit(Key.LOG_RATE_MAX, MIN_LOG_BYTES),
        given.isSet(Key.LOG_TO_JOURNALD));
  }

  /** A number of bytes; 0 where there is no limit, which is given as -1. */
  private long limit(Key key, long least) {
    long bytes = given.number(key);
    if (bytes != -1 && bytes < least) {
      throw given.wrong(key, bytes + " is neither -1 nor at least " + least);
    }
    return Math.max(0, bytes);
  }
}
