package io.crij.runtime.pod;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.ContainerStatus;
import io.crij.cri.v1.ListPodSandboxRequest;
import io.crij.cri.v1.PodSandbox;
import io.crij.cri.v1.PodSandboxConfig;
import io.crij.cri.v1.PodSandboxMetadata;
import io.crij.cri.v1.PodSandboxStatusRequest;
import io.crij.cri.v1.PodSandboxStatusResponse;
import io.crij.cri.v1.RemovePodSandboxRequest;
import io.crij.cri.v1.RunPodSandboxRequest;
import io.crij.cri.v1.StopPodSandboxRequest;
import io.crij.linux.mount.MountEntry;
import io.crij.linux.mount.MountTable;
import io.crij.linux.mount.Mounts;
import io.crij.linux.namespace.NamespaceRequest;
import io.crij.linux.namespace.NamespaceType;
import io.crij.linux.namespace.Namespaces;
import io.crij.linux.namespace.StrayThreads;
import io.crij.records.Database;
import io.crij.records.Schema;
import io.crij.runtime.LiveConfig;
import io.crij.runtime.RuntimeServiceConfig;
import io.crij.runtime.TestConfig;
import io.crij.runtime.cni.PodNetwork;
import io.crij.runtime.cni.PodNetworks;
import io.crij.runtime.hostport.HostPorts;
import io.crij.runtime.hostport.NodePorts;
import io.crij.runtime.names.StageWatch;
import io.crij.runtime.oci.node.SelinuxPolicy;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxStore;
import io.crij.runtime.settings.HandlerSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A node of its own for a test: private folders, and a private network namespace in which the real
 * plugins find "the host". The plugin {@code fake} does what the test tells it by files.
 */
final class PodNode {
  private static final Duration SHORT = Duration.ofSeconds(10);

  /** The containers of the pods: none, but the calls are noted. */
  static final class NotedContainers implements PodContainers {
    final List<String> calls = new CopyOnWriteArrayList<>();

    @Override
    public void runInfra(Sandbox sandbox) {
      calls.add("infra " + sandbox.id());
    }

    @Override
    public String handler(String asked) {
      return asked.isEmpty() ? "runc" : asked;
    }

    @Override
    public void requireUserNamespaces(String handler) {
      calls.add("user namespaces " + handler);
    }

    @Override
    public boolean infraRuns(String sandboxId) {
      return true;
    }

    @Override
    public void stopAll(String sandboxId) {
      calls.add("stop " + sandboxId);
    }

    @Override
    public void removeAll(String sandboxId) {
      calls.add("remove " + sandboxId);
    }

    @Override
    public List<ContainerStatus> statuses(String sandboxId) {
      return List.of(ContainerStatus.newBuilder().setId("c1").build());
    }
  }

  final Path folder;
  final Path runroot;
  final Path networkDir;
  final Path pluginDir;
  final Path hostNetwork;
  final Path fake;
  final NodeMonitor monitor;
  final NotedContainers containers = new NotedContainers();

  /** How often plugins are told what is in use, after the next {@link #open}. */
  Duration garbage = Duration.ofHours(1);

  /** The node's after the next {@link #open}. */
  @Nullable SelinuxPolicy selinux;

  private Duration pluginLimit = Duration.ofMinutes(1);
  Database database;
  LiveConfig config;
  SandboxStore sandboxes;
  Pods pods;

  PodNode(Path folder) throws Exception {
    this.folder = folder;
    runroot = Files.createDirectory(folder.resolve("run"));
    networkDir = Files.createDirectory(folder.resolve("net.d"));
    pluginDir = Files.createDirectory(folder.resolve("plugins"));
    fake = Files.createDirectory(folder.resolve("fake"));
    hostNetwork = folder.resolve("hostnet");
    Namespaces.create(
        new NamespaceRequest(Map.of(NamespaceType.NETWORK, hostNetwork), "", List.of()));
    for (String plugin : List.of("bridge", "host-local", "portmap")) {
      script(plugin, "exec nsenter --net=" + hostNetwork + " /usr/lib/cni/" + plugin);
    }
    script("nft", "exec nsenter --net=" + hostNetwork + " /usr/sbin/nft \"$@\"");
    script("fake", fakePlugin());
    monitor = new NodeMonitor(runroot, hostNetwork);
    open();
  }

  /** Another program on the same records, as if that of {@code other} had just been killed. */
  private PodNode(PodNode other, Path folder) throws Exception {
    this.folder = folder;
    runroot = other.runroot;
    networkDir = other.networkDir;
    pluginDir = other.pluginDir;
    fake = other.fake;
    hostNetwork = other.hostNetwork;
    monitor = other.monitor;
    for (String file : List.of("crij.db", "crij.db-wal")) {
      Files.copy(other.folder.resolve(file), folder.resolve(file));
    }
    open();
  }

  static PodNode besides(PodNode other, Path folder) throws Exception {
    return new PodNode(other, folder);
  }

  void script(String name, String body) throws IOException {
    Path file = pluginDir.resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Notes each call; the first line of a file named as the command says what to do this time. */
  private String fakePlugin() {
    return """
    cd %s
    cat >> stdin; echo >> stdin
    echo "$CNI_COMMAND netns=$CNI_NETNS args=$CNI_ARGS" >> log
    env | grep -vE '^(OLD)?PWD=' | sort > env
    case "$CNI_ARGS" in *K8S_POD_NAME=slow\\;*) [ $CNI_COMMAND = ADD ] && for i in $(seq 3000); do [ -e go ] && break; sleep 0.1; done;; esac
    what=$(head -n 1 $CNI_COMMAND 2>/dev/null)
    [ -n "$what" ] && sed -i 1d $CNI_COMMAND
    case "$what" in
      look) { ls /proc/self/fd | sed 's/^/fd /'; cat /proc/self/status /proc/self/limits;
        echo oom $(cat /proc/self/oom_score_adj); } > look;;
      error) echo '{"cniVersion":"1.0.0","code":11,"msg":"no more addresses","details":"x"}'; exit 1;;
      garbage) echo oops; exit 0;;
      huge) head -c 3000000 /dev/zero; exit 0;;
      hang) setsid sleep 300 & sleep 300;;
      slow) sleep 0.5; echo "$CNI_COMMAND end" >> log;;
      crash) echo broken >&2; kill -SEGV $$;;
      '') [ -e refuse-$CNI_COMMAND ] && exit 1;;
    esac
    [ $CNI_COMMAND = ADD ] && echo '{"cniVersion":"1.0.0","ips":[{"address":"10.9.0.5/24"}]}'
    exit 0
    """
        .formatted(fake);
  }

  void open() {
    database =
        Database.open(
            folder.resolve("crij.db"),
            List.of(
                new Schema("pods", SandboxStore.MIGRATIONS),
                new Schema("network", PodNetwork.MIGRATIONS)));
    sandboxes = SandboxStore.open(database, runroot, (_, _) -> {});
    RuntimeServiceConfig service =
        TestConfig.usual(
            folder,
            runroot,
            Map.of("runc", new RuntimeServiceConfig.Handler(Path.of("/usr/sbin/runc"))),
            "/crij",
            new RuntimeServiceConfig.Network(
                networkDir, List.of(pluginDir), folder.resolve("net.template")));
    PodNetwork network = PodNetworks.open(service.network(), database, pluginLimit, garbage);
    HostPorts ports = NodePorts.of(runroot, pluginDir.resolve("nft"), monitor, hostNetwork);
    config = new LiveConfig(service);
    var terms = new Pods.Terms(config, selinux, StageWatch.NONE, Duration.ofMillis(100));
    pods = new Pods(terms, sandboxes, network, ports, containers);
    pods.start();
    monitor.whenReplaced(pods::recoverPorts);
  }

  /** What the configuration gives pods that are run from now on. */
  void configure(Map<String, String> sysctls, Map<String, HandlerSettings> handlers) {
    config.apply(TestConfig.with(config.get(), TestConfig.settings(sysctls, handlers)));
  }

  /** For tests with plugins that do not end: ten seconds are enough to wait for them. */
  void limitPlugins() {
    pluginLimit = SHORT;
    restart();
  }

  /** As after a crash of the program: nothing is ended in order. */
  void restart() {
    pods.close();
    monitor.disconnect();
    database.close();
    open();
  }

  /** The real plugins, two address families. */
  void useBridge() throws IOException {
    Files.writeString(
        networkDir.resolve("10-pods.conflist"),
        """
        {"cniVersion": "1.0.0", "name": "crij-test", "plugins": [
          {"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true,
           "ipam": {"type": "host-local", "dataDir": "%s", "ranges": [
             [{"subnet": "10.88.7.0/24"}], [{"subnet": "fd88:7::/64"}]],
             "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}},
          {"type": "portmap", "capabilities": {"portMappings": true}}]}
        """
            .formatted(folder.resolve("ipam")));
  }

  void useFake(String version) throws IOException {
    Files.writeString(
        networkDir.resolve("10-fake.conflist"),
        """
        {"cniVersion": "%s", "name": "fake", "plugins": [{"type": "fake"}]}
        """
            .formatted(version));
  }

  /** What the fake plugin does at its next calls for this command. */
  void tellFake(String command, String... what) throws IOException {
    Files.writeString(fake.resolve(command), String.join("\n", what) + "\n");
  }

  List<String> fakeLog() throws IOException {
    Path log = fake.resolve("log");
    return Files.exists(log) ? Files.readAllLines(log) : List.of();
  }

  long reservedAddresses() throws IOException {
    Path reserved = folder.resolve("ipam/crij-test");
    if (!Files.exists(reserved)) {
      return 0;
    }
    try (var files = Files.list(reserved)) {
      return files.filter(f -> f.getFileName().toString().matches("[0-9a-f.:_]+")).count();
    }
  }

  static PodSandboxConfig.Builder pod(String name) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder().setName(name).setNamespace("default").setUid("u-1"));
  }

  String run(PodSandboxConfig.Builder config) {
    return pods.runPodSandbox()
        .run(RunPodSandboxRequest.newBuilder().setConfig(config).build())
        .getPodSandboxId();
  }

  void stop(String id) {
    pods.stopPodSandbox().run(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  void remove(String id) {
    pods.removePodSandbox().run(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  PodSandboxStatusResponse status(String id) {
    return pods.podSandboxStatus()
        .run(PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).setVerbose(true).build());
  }

  List<PodSandbox> list() {
    return pods.listPodSandbox().run(ListPodSandboxRequest.getDefaultInstance()).getItemsList();
  }

  Path pin(String id, NamespaceType type) {
    return sandboxes.get(id).folder().namespace(type);
  }

  /** Runs a shell command in the sandbox's network and UTS namespaces; returns its output. */
  String inPod(String id, String script) throws Exception {
    return command(
        "nsenter",
        "--net=" + pin(id, NamespaceType.NETWORK),
        "--uts=" + pin(id, NamespaceType.UTS),
        "--ipc=" + pin(id, NamespaceType.IPC),
        "sh",
        "-c",
        script);
  }

  String onHost(String script) throws Exception {
    return command("nsenter", "--net=" + hostNetwork, "sh", "-c", script);
  }

  static String command(String... line) throws Exception {
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", line) + "\n" + output).isZero();
    return output.strip();
  }

  /** Processes that run for a plugin of this node. */
  List<String> pluginProcesses() throws IOException {
    List<String> found = new ArrayList<>();
    try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        try {
          if (Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1)
              .contains("CNI_PATH=" + pluginDir)) {
            found.add(process + " " + Files.readString(process.resolve("cmdline")));
          }
        } catch (IOException _) {
          // It has ended.
        }
      }
    }
    return found;
  }

  /** Sees that nothing is left of any pod, then ends the node. */
  void end() throws Exception {
    try {
      // One that works in the background counts until it has seen that nothing is left to do.
      await("no teardown", () -> pods.pendingTeardowns() == 0);
      assertThat(sandboxes.all()).isEmpty();
      pods.close();
      assertThat(runroot.resolve("sandboxes")).isEmptyDirectory();
      assertThat(reservedAddresses()).isZero();
      await("no link", () -> onHost("ip -o link | grep -c veth || true").equals("0"));
      await("no plugin", () -> pluginProcesses().isEmpty());
      assertThat(onHost("nft list tables inet")).isEmpty();
      assertThat(rows("sandboxes") + rows("network_results")).isZero();
      assertThat(StrayThreads.find()).isEmpty();
    } finally {
      pods.close();
      monitor.end();
      database.close();
      // Also after a test that failed halfway.
      for (MountEntry mount : MountTable.read().below(folder).reversed()) {
        Mounts.detach(Path.of(mount.mountPoint()));
      }
    }
    // Our own alone: other programs of the machine mount meanwhile.
    assertThat(MountTable.read().below(folder)).isEmpty();
  }

  private int rows(String table) {
    return database.read(connection -> {
      try (var query = connection.createStatement();
          var row = query.executeQuery("SELECT count(*) FROM " + table)) {
        return row.getInt(1);
      }
    });
  }
}
