package io.crij.runtime.container;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.ContainerMetadata;
import io.crij.cri.v1.ContainerStatus;
import io.crij.cri.v1.ContainerStatusRequest;
import io.crij.cri.v1.CreateContainerRequest;
import io.crij.cri.v1.ExecSyncRequest;
import io.crij.cri.v1.ExecSyncResponse;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.LinuxContainerResources;
import io.crij.cri.v1.LinuxPodSandboxConfig;
import io.crij.cri.v1.LinuxSandboxSecurityContext;
import io.crij.cri.v1.NamespaceMode;
import io.crij.cri.v1.NamespaceOption;
import io.crij.cri.v1.PodSandboxConfig;
import io.crij.cri.v1.PodSandboxMetadata;
import io.crij.cri.v1.RemoveContainerRequest;
import io.crij.cri.v1.RemoveImageRequest;
import io.crij.cri.v1.RemovePodSandboxRequest;
import io.crij.cri.v1.RunPodSandboxRequest;
import io.crij.cri.v1.StartContainerRequest;
import io.crij.cri.v1.StopContainerRequest;
import io.crij.cri.v1.UpdateContainerResourcesRequest;
import io.crij.image.ImageServiceConfig;
import io.crij.image.RegistryConfig;
import io.crij.image.service.ImageService;
import io.crij.linux.mount.MountEntry;
import io.crij.linux.mount.MountTable;
import io.crij.linux.process.CurrentProcess;
import io.crij.linux.process.Pidfd;
import io.crij.linux.process.ProcessId;
import io.crij.records.Database;
import io.crij.runtime.RuntimeServiceConfig;
import io.crij.runtime.RuntimeServiceConfig.CgroupManager;
import io.crij.runtime.RuntimeServiceConfig.Handler;
import io.crij.runtime.RuntimeServiceConfig.Network;
import io.crij.runtime.RuntimeServiceConfig.Pause;
import io.crij.runtime.TestConfig;
import io.crij.runtime.cgroup.ControlGroups;
import io.crij.runtime.names.StageWatch;
import io.crij.runtime.service.RuntimeService;
import io.crij.runtime.service.Watch;
import io.crij.runtime.settings.ContainerSettings;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A node of its own for a test: private folders, a real monitor, real runc, an imported image. */
final class ContainerNode {
  static final String IMAGE = "docker.io/library/busybox:test";

  private static final AtomicInteger COUNT = new AtomicInteger();

  final Path folder;
  final Path logs;
  RuntimeServiceConfig config;
  final String cgroup;

  private final AtomicInteger names = new AtomicInteger();
  private Database database;
  private final Set<Integer> monitors = new HashSet<>();
  private ImageService images;
  MeterRegistry meters;
  RuntimeService service;
  String pod;

  ContainerNode(Path folder, Path layout) throws Exception {
    this(folder, layout, "runc", Path.of("/usr/sbin/runc"));
  }

  ContainerNode(Path folder, Path layout, String handler, Path runtime) throws Exception {
    this(folder, layout, handler, runtime, CgroupManager.CGROUPFS);
  }

  ContainerNode(Path folder, Path layout, String handler, Path runtime, CgroupManager cgroupManager)
      throws Exception {
    this.folder = folder;
    this.logs = Files.createDirectory(folder.resolve("logs"));
    this.cgroup = "/crij-test-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    RuntimeServiceConfig usual =
        TestConfig.usual(
            Files.createDirectory(folder.resolve("root")),
            Files.createDirectory(folder.resolve("run")),
            Map.of(handler, new Handler(runtime)),
            cgroup,
            new Network(Files.createDirectory(folder.resolve("net.d")), List.of(), null));
    this.config =
        TestConfig.with(
            TestConfig.with(
                TestConfig.with(usual, handler, TestConfig.MONITOR_COMMAND),
                new Pause(IMAGE, "/pause")),
            cgroupManager);
    open();
    images.importImage(layout, IMAGE);
    pod = runPod();
  }

  private void open() {
    database =
        Database.open(
            folder.resolve("root/crij.db"), List.of(ImageService.SCHEMA, RuntimeService.SCHEMA));
    images =
        ImageService.open(
            new ImageServiceConfig(config.root(), config.runroot(), RegistryConfig.below(folder)),
            database);
    meters = new SimpleMeterRegistry();
    service = RuntimeService.open(config, database, images, new Watch(meters, StageWatch.NONE));
    monitors.add(service.monitor().pid());
  }

  /** What containers get that are made from now on. */
  void configure(ContainerSettings settings) {
    service.apply(TestConfig.with(config, settings));
  }

  /** With what OCI runtime, and how, containers are made from now on. */
  void configure(Handler handler) {
    config = TestConfig.with(config, Map.of(config.defaultRuntime(), handler));
    service.apply(config);
  }

  void importImage(Path layout, String name) {
    images.importImage(layout, name);
  }

  /** What infra containers run that are made from now on. */
  void configure(Pause pause) {
    service.apply(TestConfig.with(config, pause));
  }

  /** As after a crash of the program, as far as one can inside it. */
  void restart() {
    closeService();
    open();
  }

  /** As {@link #restart}, with another setting. */
  void useCgroupManager(CgroupManager manager) {
    closeService();
    config = TestConfig.with(config, manager);
    open();
  }

  void closeService() {
    service.close();
    images.close();
    database.close();
  }

  void openService() {
    open();
  }

  /** With the node's network: no plugin is needed. */
  String runPod() {
    return runPod(NamespaceMode.CONTAINER);
  }

  /** One that says something by annotations, with the node's network. */
  String runPod(Map<String, String> annotations) {
    return runPod(NamespaceMode.CONTAINER, annotations, "");
  }

  /**
   * @param pid of its containers
   */
  String runPod(NamespaceMode pid) {
    return runPod(pid, Map.of(), "");
  }

  /** One whose cgroups are in {@code cgroupParent}. */
  String runPod(NamespaceMode pid, String cgroupParent) {
    return runPod(pid, Map.of(), cgroupParent);
  }

  private String runPod(NamespaceMode pid, Map<String, String> annotations, String cgroupParent) {
    NamespaceOption namespaces =
        NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE).setPid(pid).build();
    return service
        .runPodSandbox(
            RunPodSandboxRequest.newBuilder()
                .setConfig(
                    PodSandboxConfig.newBuilder()
                        .setMetadata(
                            PodSandboxMetadata.newBuilder()
                                .setName("pod" + names.incrementAndGet())
                                .setNamespace("test")
                                .setUid("uid"))
                        .setLogDirectory(logs.toString())
                        .putAllAnnotations(annotations)
                        .setLinux(
                            LinuxPodSandboxConfig.newBuilder()
                                .setCgroupParent(cgroupParent)
                                .setSecurityContext(
                                    LinuxSandboxSecurityContext.newBuilder()
                                        .setPrivileged(true)
                                        .setNamespaceOptions(namespaces))))
                .build())
        .getPodSandboxId();
  }

  ContainerConfig.Builder container(String... command) {
    String name = "c" + names.incrementAndGet();
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName(name))
        .setImage(ImageSpec.newBuilder().setImage(IMAGE))
        .setLogPath(name + "/0.log")
        .addAllCommand(List.of(command));
  }

  String create(ContainerConfig.Builder container) {
    return service
        .createContainer(
            CreateContainerRequest.newBuilder().setPodSandboxId(pod).setConfig(container).build())
        .getContainerId();
  }

  String run(ContainerConfig.Builder container) {
    String id = create(container);
    start(id);
    return id;
  }

  String run(Consumer<ContainerConfig.Builder> edit, String... command) {
    ContainerConfig.Builder container = container(command);
    edit.accept(container);
    return run(container);
  }

  void start(String id) {
    service.startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
  }

  void stop(String id, long seconds) {
    service.stopContainer(
        StopContainerRequest.newBuilder().setContainerId(id).setTimeout(seconds).build());
  }

  void remove(String id) {
    service.removeContainer(RemoveContainerRequest.newBuilder().setContainerId(id).build());
  }

  void removeImage(String name) {
    images.removeImage(
        RemoveImageRequest.newBuilder().setImage(ImageSpec.newBuilder().setImage(name)).build());
  }

  ExecSyncResponse exec(String id, long timeout, String... command) {
    return service.execSync(
        ExecSyncRequest.newBuilder()
            .setContainerId(id)
            .setTimeout(timeout)
            .addAllCmd(List.of(command))
            .build());
  }

  ContainerStatus status(String id) {
    return service
        .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(id).build())
        .getStatus();
  }

  ContainerStatus awaitEnd(String id) throws InterruptedException {
    await("the end of " + id, () -> status(id).getFinishedAt() != 0);
    return status(id);
  }

  /** Waits until the container has written something. */
  void awaitLog(String id) throws Exception {
    await("a line of " + id, () -> !log(id).isEmpty());
  }

  /** Waits until the monitor has written down how the container ended; the service may be away. */
  void awaitExitFile(String id) throws InterruptedException {
    Path exit = config.runroot().resolve("exits").resolve(id);
    await(exit.toString(), () -> Files.exists(exit));
  }

  /** The log's lines without time, stream and tag. */
  List<String> log(String id) throws Exception {
    return Files.readAllLines(Path.of(status(id).getLogPath())).stream()
        .map(line -> line.split(" ", 4)[3])
        .toList();
  }

  /** Kills the monitor with -9; its end is awaited. */
  void killMonitor() {
    try (Pidfd monitor = openMonitor()) {
      kill(monitor);
    }
  }

  /** The service is closed, and then the monitor killed with -9, so that nobody starts another. */
  void closeServiceAndKillMonitor() {
    try (Pidfd monitor = openMonitor()) {
      closeService();
      kill(monitor);
    }
  }

  private Pidfd openMonitor() {
    ProcessId monitor = Objects.requireNonNull(ProcessId.find(service.monitor().pid()));
    return Objects.requireNonNull(Pidfd.open(monitor));
  }

  private static void kill(Pidfd process) {
    assertThat(process.signal(9)).isTrue();
    assertThat(process.awaitEnd(Duration.ofMinutes(1))).isTrue();
  }

  void removePod(String id) {
    service.removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  void update(String id, LinuxContainerResources.Builder resources) {
    service.updateContainerResources(
        UpdateContainerResourcesRequest.newBuilder()
            .setContainerId(id)
            .setLinux(resources)
            .build());
  }

  /** A file of the container's group, of version 1. */
  String setting(String id, String controller, String file) throws IOException {
    Path group = Path.of("/sys/fs/cgroup", controller, cgroup.substring(1), id);
    return Files.readString(group.resolve(file)).strip();
  }

  /** Removes all; what is left then is a fault. */
  void close() throws Exception {
    removePod(pod);
    ProcessId monitor = Objects.requireNonNull(ProcessId.find(service.monitor().pid()));
    service.endMonitor();
    closeService();
    await("the monitor's end", () -> !monitor.isAlive());
    // A monitor that outlived the service which started it is init's in life, and this JVM's here.
    monitors.add(monitor.pid());
    monitors.forEach(CurrentProcess::reap);
    assertThat(mounts()).isEmpty();
    assertThat(ControlGroups.ofNode().processes(cgroup)).isEmpty();
    assertThat(Path.of("/sys/fs/cgroup/memory" + cgroup)).doesNotExist();
    assertThat(config.runroot().resolve("containers")).isEmptyDirectory();
    assertThat(config.runroot().resolve("exits")).isEmptyDirectory();
    assertThat(config.runroot().resolve("monitor/state")).isEmptyDirectory();
  }

  /** Only our own: other programs mount and unmount meanwhile. */
  private List<MountEntry> mounts() {
    return MountTable.read().below(folder);
  }
}
