package io.crij.runtime.pod;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.NamespaceMode;
import io.crij.cri.v1.PodIP;
import io.crij.cri.v1.PodSandboxConfig;
import io.crij.cri.v1.PodSandboxState;
import io.crij.cri.v1.PodSandboxStatus;
import io.crij.cri.v1.PortMapping;
import io.crij.linux.mount.MountEntry;
import io.crij.linux.mount.MountTable;
import io.crij.linux.mount.Mounts;
import io.crij.linux.mount.Propagation;
import io.crij.linux.namespace.NamespaceType;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.ServiceException;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxFolder;
import io.crij.runtime.sandbox.SandboxParent;
import io.crij.runtime.settings.HandlerSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
@Timeout(120)
@ExtendWith(LeavesNoTrace.class)
class PodsKernelTest {
  @TempDir Path folder;
  private PodNode node;

  @BeforeEach
  void open() throws Exception {
    node = new PodNode(folder);
  }

  @AfterEach
  void close() throws Exception {
    node.end();
  }

  @Test
  void aPodFromBeginningToEnd() throws Exception {
    node.useBridge();
    PodSandboxConfig.Builder config =
        PodNode.pod("web").setHostname("web-0").putLabels("app", "web").putAnnotations("a", "b\nc");
    config
        .getDnsConfigBuilder()
        .addServers("10.96.0.10")
        .addSearches("svc.cluster.local")
        .addSearches("cluster.local")
        .addOptions("ndots:5");
    config.setLogDirectory(folder.resolve("logs/default_web_u-1").toString());

    String id = node.run(config);

    PodSandboxStatus status = node.status(id).getStatus();
    assertThat(status.getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
    assertThat(status.getMetadata()).isEqualTo(config.getMetadata());
    assertThat(status.getLabelsMap()).isEqualTo(config.getLabelsMap());
    assertThat(status.getAnnotationsMap()).isEqualTo(config.getAnnotationsMap());
    assertThat(status.getCreatedAt()).isPositive();
    String ip = status.getNetwork().getIp();
    assertThat(ip).startsWith("10.88.7.");
    assertThat(status.getNetwork().getAdditionalIpsList())
        .singleElement()
        .extracting(PodIP::getIp)
        .asString()
        .startsWith("fd88:7::");
    assertThat(node.status(id).getContainersStatusesList()).hasSize(1);
    assertThat(node.status(id).getInfoOrThrow("info")).contains("cniResult").contains("web-0");

    assertThat(node.onHost("busybox ping -c 1 -W 30 " + ip)).contains("1 packets received");
    assertThat(node.inPod(id, "hostname")).isEqualTo("web-0");
    assertThat(node.inPod(id, "ip -o link show up")).contains("lo:").contains("eth0");
    assertThat(node.inPod(id, "cat /proc/sys/net/ipv6/conf/all/accept_ra")).isEqualTo("0");
    filesAre(node.sandboxes.get(id), ip);
    assertThat(folder.resolve("logs/default_web_u-1")).isDirectory();

    assertThat(node.list()).singleElement().satisfies(p -> assertThat(p.getId()).isEqualTo(id));
    node.stop(id.substring(0, 12));
    node.stop(id);
    assertThat(node.status(id).getStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
    assertThat(node.status(id).getStatus().getNetwork().getIp()).isEmpty();
    assertThat(node.reservedAddresses()).isZero();
    assertThat(MountTable.read().below(node.runroot)).isEmpty();
    assertThat(node.containers.calls).contains("stop " + id).doesNotContain("remove " + id);

    node.remove(id);
    node.remove(id);
    node.stop(id);
    assertThat(node.list()).isEmpty();
    assertThat(node.containers.calls).contains("remove " + id);
    assertThatThrownBy(() -> node.status(id)).isInstanceOf(ServiceException.NotFound.class);
  }

  private static void filesAre(Sandbox sandbox, String ip) throws Exception {
    SandboxFolder files = sandbox.folder();
    assertThat(files.resolvConf())
        .hasContent(
            """
            search svc.cluster.local cluster.local
            nameserver 10.96.0.10
            options ndots:5
            """);
    assertThat(files.hostname()).hasContent("web-0\n");
    assertThat(Files.readString(files.hosts()))
        .contains("127.0.0.1\tlocalhost\n", ip + "\tweb-0\n");
    for (Path file : List.of(files.resolvConf(), files.hosts(), files.hostname())) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-r--r--");
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files.path())))
        .isEqualTo("rwx------");
    assertThat(sandbox.shm()).isEqualTo(files.shm());
    isTmpfs(files.files(), "size=65536k");
    for (Path written : List.of(files.resolvConf(), files.hosts(), files.hostname(), files.shm())) {
      assertThat(written).as("the pod's containers can write to it").startsWith(files.files());
    }
    assertThat((Integer) Files.getAttribute(files.shm(), "unix:mode") & 07777).isEqualTo(01777);
  }

  private static void isTmpfs(Path point, String size) {
    MountEntry mount = Objects.requireNonNull(MountTable.read().find(point));
    assertThat(mount.type()).isEqualTo("tmpfs");
    assertThat(mount.options()).contains("nosuid", "nodev", "noexec");
    assertThat(mount.superOptions()).contains(size);
  }

  @Test
  void aPodOnTheNodesNetworkNeedsNoPlugin() throws Exception {
    PodSandboxConfig.Builder config = PodNode.pod("agent");
    config
        .getLinuxBuilder()
        .getSecurityContextBuilder()
        .getNamespaceOptionsBuilder()
        .setNetwork(NamespaceMode.NODE)
        .setIpc(NamespaceMode.NODE)
        .setPid(NamespaceMode.NODE);

    String id = node.run(config);

    Sandbox sandbox = node.sandboxes.get(id);
    assertThat(sandbox.namespaces()).isEmpty();
    assertThat(sandbox.namespacePath(NamespaceType.NETWORK)).isNull();
    assertThat(sandbox.shm()).isEqualTo(Path.of("/dev/shm"));
    assertThat(sandbox.folder().hostname())
        .hasContent(Files.readString(Path.of("/proc/sys/kernel/hostname")));
    assertThat(sandbox.folder().hosts()).hasSameTextualContentAs(Path.of("/etc/hosts"));
    assertThat(sandbox.folder().resolvConf()).hasSameTextualContentAs(Path.of("/etc/resolv.conf"));
    assertThat(MountTable.read().below(node.runroot)).hasSize(1);
    isTmpfs(sandbox.folder().files(), "size=1024k");
    assertThat(node.status(id).getStatus().getLinux().getNamespaces().getOptions().getNetwork())
        .isEqualTo(NamespaceMode.NODE);
    assertThat(node.status(id).getStatus().getNetwork().getIp()).isEmpty();
    node.remove(id);
  }

  @Test
  void sysctlsAreThePodsOwn() throws Exception {
    node.useBridge();
    String host = Files.readString(Path.of("/proc/sys/net/ipv4/ip_local_port_range"));
    PodSandboxConfig.Builder config = PodNode.pod("tuned");
    config
        .getLinuxBuilder()
        .putSysctls("net.ipv4.ip_local_port_range", "20000 30000")
        .putSysctls("net.ipv4.conf.eth0.arp_ignore", "2")
        .putSysctls("kernel.shm_rmid_forced", "1");
    node.configure(
        Map.of(
            "net.ipv4.ip_local_port_range", "1024 2047",
            "net.ipv4.ip_unprivileged_port_start", "80",
            "kernel.sem", "250 32000 32 100"),
        Map.of());

    String id = node.run(config);

    assertThat(node.inPod(id, "cat /proc/sys/net/ipv4/ip_local_port_range"))
        .isEqualTo("20000\t30000");
    assertThat(node.inPod(id, "cat /proc/sys/net/ipv4/ip_unprivileged_port_start"))
        .as("the configuration's")
        .isEqualTo("80");
    assertThat(node.inPod(id, "cat /proc/sys/kernel/sem")).isEqualTo("250\t32000\t32\t100");
    assertThat(node.inPod(id, "cat /proc/sys/kernel/shm_rmid_forced")).isEqualTo("1");
    assertThat(node.inPod(id, "cat /proc/sys/net/ipv4/conf/eth0/arp_ignore")).isEqualTo("2");
    assertThat(Files.readString(Path.of("/proc/sys/net/ipv4/ip_local_port_range"))).isEqualTo(host);
    node.remove(id);
  }

  @Test
  void theSizeOfSharedMemoryIsWhatThePodSays() throws Exception {
    node.useFake("1.0.0");
    String annotation = "io.kubernetes.cri-o.ShmSize";
    String id = node.run(PodNode.pod("large").putAnnotations(annotation, "96Mi"));
    isTmpfs(node.sandboxes.get(id).folder().files(), "size=98304k");
    node.remove(id);

    for (String wrong : List.of("1Ki", "lots", "-5Mi", "9e30")) {
      assertThatThrownBy(() -> node.run(PodNode.pod("web").putAnnotations(annotation, wrong)))
          .as(wrong)
          .isInstanceOf(ServiceException.InvalidArgument.class)
          .hasMessageContaining(annotation);
    }
    PodSandboxConfig.Builder nodes = PodNode.pod("web").putAnnotations(annotation, "96Mi");
    nodes
        .getLinuxBuilder()
        .getSecurityContextBuilder()
        .getNamespaceOptionsBuilder()
        .setIpc(NamespaceMode.NODE);
    assertThatThrownBy(() -> node.run(nodes))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining("/dev/shm");

    HandlerSettings usual = HandlerSettings.USUAL;
    HandlerSettings silent =
        new HandlerSettings(
            usual.minMemoryBytes(),
            usual.annotations().withAllowed(Set.of()),
            usual.seccompProfile(),
            usual.keepsDevices(),
            usual.execOnFirstCpu(),
            usual.createLimit(),
            usual.baseSpec(),
            usual.syncsLog());
    // The default handler, which a pod has that names none.
    node.configure(Map.of(), Map.of("runc", silent));
    String usually = node.run(PodNode.pod("large").putAnnotations(annotation, "96Mi"));
    isTmpfs(node.sandboxes.get(usually).folder().files(), "size=65536k");
    node.remove(usually);
  }

  @Test
  void hostPortsLeadToThePodUntilItStops() throws Exception {
    node.useBridge();
    String id =
        node.run(
            PodNode.pod("web")
                .addPortMappings(
                    PortMapping.newBuilder()
                        .setHostPort(8080)
                        .setContainerPort(80)
                        .setHostIp("10.88.7.1")));
    Process server =
        new ProcessBuilder(
                "nsenter",
                "--net=" + node.pin(id, NamespaceType.NETWORK),
                "busybox",
                "nc",
                "-l",
                "-p",
                "80",
                "-e",
                "echo",
                "hello")
            .start();
    try {
      String ask = "echo | busybox nc -w 30 10.88.7.1 8080 2>/dev/null";
      await("an answer", () -> node.onHost(ask).equals("hello"));
    } finally {
      server.destroyForcibly().waitFor();
    }
    assertThat(node.onHost("iptables-save -t nat")).contains("CNI-DN-", "10.88.7.1/32");

    node.stop(id);
    assertThat(node.onHost("iptables-save -t nat")).doesNotContain("CNI-DN-");
    node.remove(id);
  }

  @Test
  void theSameRequestAtTheSameTimeIsOnePod() throws Exception {
    node.useBridge();
    PodSandboxConfig.Builder config = PodNode.pod("web");
    List<Future<String>> requests = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        requests.add(threads.submit(() -> node.run(config.clone())));
      }
    }
    Set<String> ids = new HashSet<>();
    for (Future<String> request : requests) {
      if (request.state() == Future.State.SUCCESS) {
        ids.add(request.get());
      } else {
        assertThat(request.exceptionNow()).isInstanceOf(ServiceException.AlreadyExists.class);
      }
    }
    assertThat(ids).hasSize(1);
    String id = ids.iterator().next();
    assertThat(node.reservedAddresses()).isEqualTo(2);
    assertThatThrownBy(() -> node.run(config))
        .isInstanceOf(ServiceException.AlreadyExists.class)
        .hasMessageContaining(id);

    node.stop(id);
    assertThatThrownBy(() -> node.run(config)).isInstanceOf(ServiceException.AlreadyExists.class);
    node.remove(id);
    node.remove(node.run(config));
  }

  @Test
  void podsOutliveTheProgram() throws Exception {
    node.useBridge();
    String ready = node.run(PodNode.pod("ready"));
    String stopped = node.run(PodNode.pod("stopped"));
    String broken = node.run(PodNode.pod("broken"));
    node.stop(stopped);
    String ip = node.status(ready).getStatus().getNetwork().getIp();
    Mounts.detach(node.pin(broken, NamespaceType.IPC));

    node.restart();

    assertThat(node.status(ready).getStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
    assertThat(node.status(ready).getStatus().getNetwork().getIp()).isEqualTo(ip);
    assertThat(node.status(stopped).getStatus().getState())
        .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
    assertThat(node.status(broken).getStatus().getState())
        .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
    assertThat(node.onHost("busybox ping -c 1 -W 30 " + ip)).contains("1 packets received");
    assertThatThrownBy(() -> node.run(PodNode.pod("ready")))
        .isInstanceOf(ServiceException.AlreadyExists.class);
    node.restart();
    assertThat(node.containers.calls)
        .as("what may still run lives")
        .doesNotContain("stop " + broken);
    for (String id : List.of(ready, stopped, broken)) {
      node.remove(id);
    }
  }

  @Test
  void manyPodsAtOnce() throws Exception {
    node.useBridge();
    List<Future<String>> requests = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 12; i++) {
        String name = "pod-" + i;
        requests.add(threads.submit(() -> node.run(PodNode.pod(name))));
      }
    }
    Set<String> addresses = new HashSet<>();
    for (Future<String> request : requests) {
      addresses.add(node.status(request.get()).getStatus().getNetwork().getIp());
    }
    assertThat(addresses).hasSize(12);
    assertThat(node.list()).hasSize(12);
    List<Future<?>> removals = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<String> request : requests) {
        removals.add(threads.submit(() -> node.stop(request.resultNow())));
        removals.add(threads.submit(() -> node.remove(request.resultNow())));
      }
    }
    for (Future<?> removal : removals) {
      removal.get();
    }
  }

  @Test
  void mountsStayInThisMountNamespace() throws Exception {
    Path shared = Files.createDirectory(folder.resolve("shared"));
    Mounts.tmpfs(shared, 1 << 20, 0700, EnumSet.noneOf(io.crij.linux.mount.MountFlag.class));
    try {
      Mounts.setPropagation(shared, Propagation.SHARED, false);
      SandboxParent parent = SandboxParent.open(shared);
      Path inside = Files.createDirectory(shared.resolve("sandboxes/x"));
      Mounts.tmpfs(inside, 1 << 20, 0700, EnumSet.noneOf(io.crij.linux.mount.MountFlag.class));
      assertThat(Objects.requireNonNull(MountTable.read().find(inside)).propagation()).isEmpty();
      Mounts.detach(inside);
      Files.delete(inside);

      assertThat(SandboxParent.open(shared).sandboxIds()).isEmpty();
      assertThat(MountTable.read().below(shared)).as("not mounted twice").hasSize(2);
      parent.close();
      assertThat(MountTable.read().below(shared)).hasSize(1);
    } finally {
      Mounts.detach(shared);
    }
  }
}
