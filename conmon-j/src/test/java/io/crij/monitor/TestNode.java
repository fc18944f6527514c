package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.Fd;
import io.crij.linux.process.ChildProcess;
import io.crij.linux.process.Command;
import io.crij.linux.process.ExitStatus;
import io.crij.linux.process.Pidfd;
import io.crij.linux.process.Signals;
import io.crij.linux.process.Stdio;
import io.crij.linux.systemd.TestSystemd;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.LogConfig;
import io.crij.monitor.v1.OciRuntime;
import io.crij.monitor.v1.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A run root of its own with a monitor and its client, a root file system, and the OCI runtime.
 * With it end the containers, the monitor and the client that it has given last.
 */
final class TestNode implements AutoCloseable {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String RUNC = find("runc");

  private final Path root;
  private final Path rootfs;
  private final String cgroup;
  private final List<String> containers = new ArrayList<>();
  private final Fd log;
  private final Fd none = Fd.open("/dev/null", Fd.O_RDWR, 0);
  private @Nullable ChildProcess monitor;
  private @Nullable Pidfd service;
  private @Nullable TestClient client;

  TestNode(Path folder) throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    root = Files.createDirectories(folder.resolve("run"));
    rootfs = folder.resolve("rootfs");
    cgroup = "/crij-test-" + folder.getFileName();
    log =
        Fd.open(
            folder.resolve("monitor.log").toString(), Fd.O_WRONLY | Fd.O_CREAT | Fd.O_APPEND, 0600);
    makeRootfs();
  }

  private static String find(String program) {
    for (String folder : List.of("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin")) {
      Path path = Path.of(folder, program);
      if (Files.isExecutable(path)) {
        return path.toString();
      }
    }
    throw new IllegalStateException("not installed: " + program);
  }

  private void makeRootfs() throws IOException {
    Path busybox = Path.of(find("busybox"));
    for (String folder : List.of("bin", "proc", "dev", "tmp", "sys")) {
      Files.createDirectories(rootfs.resolve(folder));
    }
    copy(busybox, "/bin/busybox");
    for (String line : run("/usr/bin/ldd", busybox.toString()).split("\n")) {
      for (String word : line.trim().split(" ")) {
        if (word.startsWith("/")) {
          copy(Path.of(word), word);
        }
      }
    }
    for (String applet :
        List.of(
            "sh",
            "cat",
            "echo",
            "sleep",
            "true",
            "false",
            "head",
            "awk",
            "dd",
            "printf",
            "yes",
            "seq",
            "kill",
            "ls",
            "id",
            "stat",
            "readlink",
            "od",
            "stty",
            "tty",
            "ps",
            "setsid")) {
      Files.createSymbolicLink(rootfs.resolve("bin/" + applet), Path.of("busybox"));
    }
  }

  private void copy(Path file, String to) throws IOException {
    Path target = rootfs.resolve(to.substring(1));
    Files.createDirectories(target.getParent());
    Files.copy(file, target);
  }

  Path socket() {
    return root.resolve("monitor/conmon.sock");
  }

  Path exitFile(String id) {
    return root.resolve("exits/" + id);
  }

  Path stateFile(String id) {
    return root.resolve("monitor/state/" + id);
  }

  Path bundle(String id) {
    return root.resolve("containers/" + id);
  }

  Path logFile(String id) {
    return root.resolve("logs/" + id + "/0.log");
  }

  /** Starts a monitor and connects to it. */
  TestClient startMonitor() throws InterruptedException {
    return startMonitor(List.of());
  }

  /** Starts a monitor by a command that ends in executing what follows it. */
  TestClient startMonitor(List<String> launcher) throws InterruptedException {
    List<String> arguments = new ArrayList<>(launcher);
    arguments.addAll(monitorCommand());
    arguments.addAll(List.of("--runroot", root.toString()));
    monitor = ChildProcess.start(Command.of(arguments), new Stdio(none, log, log));
    return connect();
  }

  /** Starts a monitor as a service, and connects to it. */
  TestClient startService(TestSystemd manager, long watchdogMillis) throws InterruptedException {
    List<String> arguments = new ArrayList<>(monitorCommand());
    arguments.addAll(List.of("--runroot", root.toString()));
    service = manager.start(arguments, List.of("PATH=/usr/bin:/bin"), log, watchdogMillis);
    return connect();
  }

  /** Connects again, as another client: the one before is closed. */
  TestClient connect() throws InterruptedException {
    closeClient();
    TestClient connected = TestClient.connect(socket());
    client = connected;
    return connected;
  }

  private void closeClient() {
    if (client != null) {
      client.close();
    }
  }

  /** Kills the monitor with -9, starts another and connects to that. */
  TestClient restartMonitor() throws InterruptedException {
    killMonitor(Signals.SIGKILL);
    closeClient();
    return startMonitor();
  }

  /** Ends the service with a signal and waits for its end. */
  void killService(int signal) {
    Pidfd running = service;
    assertThat(running).isNotNull();
    running.signal(signal);
    assertThat(running.awaitEnd(LONG)).isTrue();
    running.reap();
    running.close();
    service = null;
  }

  private static List<String> monitorCommand() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin/java").toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx48m",
        "-XX:-MaxFDLimit",
        "-XX:+ExitOnOutOfMemoryError",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        "io.crij.monitor.Main");
  }

  /** A program to be upgraded to: a script of its own, or else a launcher of the same monitor. */
  Path program(String name, String... script) throws IOException {
    String launch = "exec " + String.join(" ", monitorCommand()) + " \"$@\"\n";
    Path program = root.resolveSibling(name);
    Files.writeString(
        program, "#!/bin/sh\n" + (script.length == 0 ? launch : String.join("\n", script) + "\n"));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return program;
  }

  int monitorPid() {
    assertThat(monitor).isNotNull();
    return monitor.pid();
  }

  /** Ends the monitor with a signal and waits for its end. */
  ExitStatus killMonitor(int signal) {
    assertThat(monitor).isNotNull();
    monitor.pidfd().signal(signal);
    ExitStatus status = monitor.await(LONG);
    assertThat(status).isNotNull();
    monitor.close();
    monitor = null;
    return status;
  }

  static String newId() {
    byte[] id = new byte[32];
    new Random().nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  /** A request to create a container that runs this shell script. */
  CreateRequest.Builder shell(String script) throws IOException {
    return container("/bin/sh", "-c", script);
  }

  /** A request to create a container; its bundle is made. */
  CreateRequest.Builder container(String... arguments) throws IOException {
    String id = newId();
    containers.add(id);
    Files.createDirectories(bundle(id));
    Files.createDirectories(logFile(id).getParent());
    writeConfig(id, process(false, 0, arguments));
    return CreateRequest.newBuilder()
        .setContainerId(id)
        .setBundle(bundle(id).toString())
        .setRuntime(OciRuntime.newBuilder().setPath(RUNC).addAllGlobalArgs(globalArguments()))
        .setLog(LogConfig.newBuilder().setPath(logFile(id).toString()))
        .setCgroupPath(cgroup + "/" + id);
  }

  /** Creates a container and starts it; gives its id. */
  String runContainer(CreateRequest.Builder request) throws Exception {
    Reply reply = Objects.requireNonNull(client).create(request.build());
    assertThat(reply.hasCreate()).as(reply.toString()).isTrue();
    start(request.getContainerId());
    return request.getContainerId();
  }

  void writeConfig(String id, String process) throws IOException {
    Files.writeString(
        bundle(id).resolve("config.json"),
        """
        {"ociVersion":"1.0.2","root":{"path":"%s","readonly":true},"hostname":"test",
         "process":%s,
         "mounts":[{"destination":"/proc","type":"proc","source":"proc"},
          {"destination":"/dev","type":"tmpfs","source":"tmpfs","options":["nosuid","mode=755"]},
          {"destination":"/dev/pts","type":"devpts","source":"devpts","options":["newinstance","ptmxmode=0666"]},
          {"destination":"/tmp","type":"tmpfs","source":"tmpfs","options":["mode=1777"]}],
         "linux":{"cgroupsPath":"%s/%s","resources":{"memory":{"limit":67108864}},
          "namespaces":[{"type":"pid"},{"type":"mount"},{"type":"ipc"},{"type":"uts"},{"type":"network"}]}}
        """
            .formatted(rootfs, process, cgroup, id));
  }

  /** An OCI process object. */
  static String process(boolean terminal, int uid, String... arguments) {
    StringBuilder args = new StringBuilder();
    for (String argument : arguments) {
      String escaped = argument.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
      args.append(args.isEmpty() ? "" : ",").append('"').append(escaped).append('"');
    }
    return """
    {"terminal":%s,"user":{"uid":%d,"gid":%d},"args":[%s],"env":["PATH=/bin"],"cwd":"/",
     "rlimits":[{"type":"RLIMIT_NOFILE","soft":1024,"hard":1024}]}\
    """
        .formatted(terminal, uid, uid, args);
  }

  /** The cgroups of exec calls below a container's own. */
  List<Path> execCgroups(String id) throws IOException {
    List<Path> found = new ArrayList<>();
    for (String hierarchy : List.of("", "freezer")) {
      Path folder = Path.of("/sys/fs/cgroup", hierarchy, cgroup, id);
      if (Files.isDirectory(folder)) {
        try (DirectoryStream<Path> children =
            Files.newDirectoryStream(folder, Files::isDirectory)) {
          children.forEach(found::add);
        }
      }
    }
    return found;
  }

  List<String> globalArguments() {
    return List.of("--root", root.resolve("oci").toString());
  }

  /** What {@code runc start} does. */
  void start(String id) throws IOException {
    runc("start", id);
  }

  void runc(String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(RUNC));
    all.addAll(globalArguments());
    all.addAll(List.of(arguments));
    run(all.toArray(String[]::new));
  }

  /** Runs a program and gives its output; fails with it. */
  static String run(String... command) throws IOException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(String.join(" ", command) + ": " + output).isZero();
      return output;
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** The log lines of a container, joined to what its streams must have been, by stream. */
  Map<String, String> output(String id) throws IOException {
    return CriLogText.read(logFile(id));
  }

  /** What a container has written to its stdout, as far as it is logged. */
  String stdout(String id) throws IOException {
    return output(id).getOrDefault("stdout", "");
  }

  String monitorLog() throws IOException {
    return Files.readString(root.resolveSibling("monitor.log"));
  }

  @Override
  public void close() throws IOException {
    closeClient();
    for (String id : containers) {
      new ProcessBuilder(
              Stream.of(List.of(RUNC), globalArguments(), List.of("delete", "--force", id))
                  .flatMap(List::stream)
                  .toList())
          .redirectErrorStream(true)
          .start()
          .onExit()
          .orTimeout(LONG.toSeconds(), TimeUnit.SECONDS)
          .join();
    }
    if (monitor != null) {
      killMonitor(Signals.SIGKILL);
    }
    if (service != null) {
      killService(Signals.SIGKILL);
    }
    none.close();
    log.close();
    await("the cgroup's end", this::removeCgroups);
  }

  private boolean removeCgroups() throws IOException {
    try (DirectoryStream<Path> controllers =
        Files.newDirectoryStream(Path.of("/sys/fs/cgroup"), Files::isDirectory)) {
      for (Path controller : controllers) {
        Path parent = controller.resolve(cgroup.substring(1));
        if (Files.isDirectory(parent) && !Files.isSymbolicLink(controller)) {
          Files.delete(parent);
        }
      }
    }
    Files.deleteIfExists(Path.of("/sys/fs/cgroup" + cgroup));
    return true;
  }
}
