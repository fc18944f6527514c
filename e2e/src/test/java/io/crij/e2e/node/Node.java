package io.crij.e2e.node;

import io.crij.e2e.program.Command;
import io.crij.e2e.program.Eventually;
import io.crij.e2e.program.Setup;
import io.crij.e2e.registry.Registry;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One private instance. {@link #close} removes what runs on it and ends both programs, as {@code
 * make stop} does on a node.
 */
public final class Node implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration STOP_LIMIT = Duration.ofMinutes(1);

  /** The conditions that a kubelet needs. */
  private static final Set<String> NEEDED = Set.of("RuntimeReady", "NetworkReady");

  private static final List<String> WITHOUT_UNIFIED =
      List.of(
          "unshare",
          "--mount",
          "sh",
          "-ec",
          "for unified in $(findmnt -n -o TARGET -t cgroup2); do umount $unified; done; exec \"$@\"",
          "sh");

  private static final JsonMapper JSON = new JsonMapper();

  private final PrivateRoot home;
  private final NodeFiles files;
  private final Crictl crictl;
  private final List<String> launcher;
  private @Nullable Process daemon;

  private Node(PrivateRoot home, NodeFiles files, Crictl crictl, List<String> launcher) {
    this.home = home;
    this.files = files;
    this.crictl = crictl;
    this.launcher = launcher;
  }

  /** Starts an instance whose images come from a registry, and waits until it is ready. */
  public static Node start(PrivateRoot home, Registry registry) throws IOException {
    return start(home, registry, "");
  }

  /** One whose OCI runtime can do user namespaces, which Debian's cannot. */
  public static Node startWithNewRunc(PrivateRoot home, Registry registry) throws IOException {
    String runc = Setup.read().goTools().resolve("runc").toString();
    return start(home, registry, "[crij.runtime.runtimes.runc]\nruntime_path = \"" + runc + "\"");
  }

  /** One with crun, which refuses a hybrid of cgroup v1 and v2. */
  public static Node startWithCrun(PrivateRoot home, Registry registry) throws IOException {
    return startWithoutUnified(home, registry, "[crij.runtime]\ndefault_runtime = \"crun\"");
  }

  /**
   * One whose crijd has mounts of its own, without the unified hierarchy.
   *
   * @param configuration tables that are not there without
   */
  public static Node startWithoutUnified(PrivateRoot home, Registry registry, String configuration)
      throws IOException {
    return start(home, NodeFiles.create(home, registry, configuration), WITHOUT_UNIFIED);
  }

  /**
   * One with more configuration.
   *
   * @param configuration tables that are not there without
   */
  public static Node start(PrivateRoot home, Registry registry, String configuration)
      throws IOException {
    return start(home, NodeFiles.create(home, registry, configuration), List.of());
  }

  private static Node start(PrivateRoot home, NodeFiles files, List<String> launcher)
      throws IOException {
    Path socket = home.runroot().resolve("crij.sock");
    Node node = new Node(home, files, Crictl.at(socket, home.path()), launcher);
    try {
      node.startDaemon();
      return node;
    } catch (IOException | AssertionError e) {
      node.end();
      throw e;
    }
  }

  public Crictl crictl() {
    return crictl;
  }

  /** The URI of the CRI socket. */
  public String endpoint() {
    return "unix://" + home.runroot().resolve("crij.sock");
  }

  /** Runs the {@code crij} command on this instance. */
  public Command crij(String... arguments) {
    String address = "unix://" + home.runroot().resolve("admin.sock");
    return Command.of(
        Stream.concat(
                Stream.of(Setup.read().program("crij"), "--address", address), Stream.of(arguments))
            .toArray(String[]::new));
  }

  /** Starts crijd and waits until it says that the runtime and the network are ready. */
  public void startDaemon() throws IOException {
    Path log = home.resolve("crijd.log");
    Process started =
        new ProcessBuilder(daemonCommand())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    daemon = started;
    Eventually.holds(
        START_LIMIT,
        () -> {
          if (!started.isAlive()) {
            throw new AssertionError("crijd ended with " + started.exitValue() + "\n" + log());
          }
          return isReady();
        },
        () -> "crijd is not ready\n" + log());
  }

  private List<String> daemonCommand() {
    List<String> command = new ArrayList<>(launcher);
    command.addAll(List.of(Setup.read().program("crijd"), "--config", files.config().toString()));
    return command;
  }

  /**
   * SIGHUP to crijd; waits until it has taken up what it reads.
   *
   * @param more configuration beside that of the start, instead of what an earlier call gave
   */
  public void reload(String more) throws IOException {
    Path dropIns = Files.createDirectories(Path.of(files.config() + ".d"));
    Files.writeString(dropIns.resolve("reloaded.toml"), more);
    int said = log().length();
    Command.of("kill", "-HUP", Long.toString(daemon().pid())).run();
    Eventually.holds(
        STOP_LIMIT,
        () -> log().substring(said).contains("SIGHUP: configuration read again"),
        () -> "crijd has not read its configuration again\n" + log());
  }

  /** A command that sees the mounts that crijd sees. */
  public List<String> besideTheDaemon(List<String> command) {
    if (launcher.isEmpty()) {
      return command;
    }
    List<String> entering = new ArrayList<>();
    entering.addAll(List.of("nsenter", "--mount", "--target", Long.toString(daemon().pid())));
    entering.addAll(command);
    return entering;
  }

  /** Adds to the configuration, and has crijd read it again. */
  public void reconfigure(String tables) throws IOException {
    Files.writeString(files.config(), tables, StandardOpenOption.APPEND);
    Command.of("kill", "-HUP", Long.toString(daemon().pid())).run();
  }

  /** Another crijd with the configuration of the one that runs. */
  public Command secondDaemon() {
    return Command.of(Setup.read().program("crijd"), "--config", files.config().toString());
  }

  /** kill -9 of crijd. */
  public void killDaemon() {
    awaitEnd(daemon().destroyForcibly().toHandle());
  }

  /** The process of crijd. */
  public ProcessHandle daemonProcess() {
    return daemon().toHandle();
  }

  /** SIGTERM to crijd; containers run on. */
  public int stopDaemon() {
    Process ending = daemon();
    ending.destroy();
    awaitEnd(ending.toHandle());
    return ending.exitValue();
  }

  /** The process of conmon-j that serves this instance. */
  public ProcessHandle monitor() {
    return findMonitor().orElseThrow(() -> new AssertionError("no conmon-j runs\n" + log()));
  }

  /** kill -9 of conmon-j; waits until it is gone. */
  public void killMonitor() {
    ProcessHandle monitor = monitor();
    monitor.destroyForcibly();
    awaitEnd(monitor);
  }

  /** What crijd has written to its log. */
  public String log() {
    try {
      return Files.readString(home.resolve("crijd.log"));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  /** Addresses that host-local holds for pods. */
  public List<String> addressesInUse() {
    PrivateNetwork network = files.network();
    return Stream.of(network.reservations().resolve(network.bridge()))
        .<Path>mapMulti(Node::entries)
        .map(file -> String.valueOf(file.getFileName()))
        .filter(name -> Character.isDigit(name.charAt(0)))
        .toList();
  }

  /** What the instance keeps in files of its pods and containers: empty without any. */
  public List<Path> stateOfPods() {
    Path runroot = home.runroot();
    return Stream.of("sandboxes", "containers", "exits", "monitor/state", "oci/runc", "oci/crun")
        .map(runroot::resolve)
        .<Path>mapMulti(Node::entries)
        .toList();
  }

  /** A folder for the logs of a pod, which the kubelet would make. */
  public Path podLogs(String pod) throws IOException {
    return Files.createDirectories(home.resolve("logs").resolve(pod));
  }

  @Override
  public void close() throws IOException {
    try {
      if (!daemon().isAlive()) {
        startDaemon();
      }
      crij("node", "drain").run();
      if (!stateOfPods().isEmpty()) {
        throw new AssertionError("no pods, and still " + stateOfPods() + "\n" + log());
      }
      crij("node", "shutdown", "--with-monitor").run();
      awaitEnd(daemon().toHandle());
    } finally {
      end();
    }
  }

  private void end() {
    if (daemon != null) {
      awaitEnd(daemon.destroyForcibly().toHandle());
    }
    findMonitor().ifPresent(ProcessHandle::destroyForcibly);
    files.close();
  }

  private static void awaitEnd(ProcessHandle process) {
    process.onExit().orTimeout(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS).join();
  }

  private boolean isReady() {
    Command.Outcome info = crictl.attempt("info");
    if (info.status() != 0) {
      return false;
    }
    for (JsonNode condition : JSON.readTree(info.output()).at("/status/conditions")) {
      if (NEEDED.contains(condition.path("type").asString())
          && !condition.path("status").asBoolean()) {
        return false;
      }
    }
    return true;
  }

  /** The process of conmon-j, if one runs. */
  public Optional<ProcessHandle> findMonitor() {
    return ProcessHandle.allProcesses().filter(this::isMonitor).findFirst();
  }

  private boolean isMonitor(ProcessHandle process) {
    try {
      String command = Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
      return command.contains("conmon-j") && command.contains("\0" + home.runroot() + "\0");
    } catch (IOException e) {
      // It ended while we looked.
      return false;
    }
  }

  private Process daemon() {
    if (daemon == null) {
      throw new IllegalStateException("crijd was not started");
    }
    return daemon;
  }

  private static void entries(Path folder, Consumer<Path> to) {
    String[] names = folder.toFile().list();
    for (String name : names == null ? new String[0] : names) {
      to.accept(folder.resolve(name));
    }
  }
}
