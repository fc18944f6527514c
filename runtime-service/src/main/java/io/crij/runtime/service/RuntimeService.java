package io.crij.runtime.service;

import io.crij.cri.v1.ContainerStatsRequest;
import io.crij.cri.v1.ContainerStatsResponse;
import io.crij.cri.v1.ContainerStatusRequest;
import io.crij.cri.v1.ContainerStatusResponse;
import io.crij.cri.v1.CreateContainerRequest;
import io.crij.cri.v1.CreateContainerResponse;
import io.crij.cri.v1.ExecSyncRequest;
import io.crij.cri.v1.ExecSyncResponse;
import io.crij.cri.v1.ListContainerStatsRequest;
import io.crij.cri.v1.ListContainerStatsResponse;
import io.crij.cri.v1.ListContainersRequest;
import io.crij.cri.v1.ListContainersResponse;
import io.crij.cri.v1.ListMetricDescriptorsRequest;
import io.crij.cri.v1.ListMetricDescriptorsResponse;
import io.crij.cri.v1.ListPodSandboxMetricsRequest;
import io.crij.cri.v1.ListPodSandboxMetricsResponse;
import io.crij.cri.v1.ListPodSandboxRequest;
import io.crij.cri.v1.ListPodSandboxResponse;
import io.crij.cri.v1.ListPodSandboxStatsRequest;
import io.crij.cri.v1.ListPodSandboxStatsResponse;
import io.crij.cri.v1.PodSandboxStatsRequest;
import io.crij.cri.v1.PodSandboxStatsResponse;
import io.crij.cri.v1.PodSandboxStatusRequest;
import io.crij.cri.v1.PodSandboxStatusResponse;
import io.crij.cri.v1.RemoveContainerRequest;
import io.crij.cri.v1.RemoveContainerResponse;
import io.crij.cri.v1.RemovePodSandboxRequest;
import io.crij.cri.v1.RemovePodSandboxResponse;
import io.crij.cri.v1.ReopenContainerLogRequest;
import io.crij.cri.v1.ReopenContainerLogResponse;
import io.crij.cri.v1.RunPodSandboxRequest;
import io.crij.cri.v1.RunPodSandboxResponse;
import io.crij.cri.v1.RuntimeConfigRequest;
import io.crij.cri.v1.RuntimeConfigResponse;
import io.crij.cri.v1.StartContainerRequest;
import io.crij.cri.v1.StartContainerResponse;
import io.crij.cri.v1.StatusRequest;
import io.crij.cri.v1.StatusResponse;
import io.crij.cri.v1.StopContainerRequest;
import io.crij.cri.v1.StopContainerResponse;
import io.crij.cri.v1.StopPodSandboxRequest;
import io.crij.cri.v1.StopPodSandboxResponse;
import io.crij.cri.v1.UpdateContainerResourcesRequest;
import io.crij.cri.v1.UpdateContainerResourcesResponse;
import io.crij.cri.v1.UpdatePodSandboxResourcesRequest;
import io.crij.cri.v1.UpdatePodSandboxResourcesResponse;
import io.crij.cri.v1.UpdateRuntimeConfigRequest;
import io.crij.cri.v1.UpdateRuntimeConfigResponse;
import io.crij.image.service.ImageService;
import io.crij.records.Database;
import io.crij.records.Schema;
import io.crij.runtime.LiveConfig;
import io.crij.runtime.RuntimeServiceConfig;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cgroup.ControlGroups;
import io.crij.runtime.cni.PodNetwork;
import io.crij.runtime.container.Attach;
import io.crij.runtime.container.Containers;
import io.crij.runtime.container.Exec;
import io.crij.runtime.container.records.ContainerFolder;
import io.crij.runtime.container.records.ContainerStore;
import io.crij.runtime.container.steps.Parts;
import io.crij.runtime.events.ContainerEvents;
import io.crij.runtime.events.PodSnapshot;
import io.crij.runtime.events.Subscription;
import io.crij.runtime.meters.NodeMeters;
import io.crij.runtime.metrics.ListMetricDescriptors;
import io.crij.runtime.metrics.ListPodSandboxMetrics;
import io.crij.runtime.monitor.Monitor;
import io.crij.runtime.monitor.MonitorInfo;
import io.crij.runtime.names.StageWatch;
import io.crij.runtime.oci.RuntimeHandlers;
import io.crij.runtime.oci.apparmor.AppArmor;
import io.crij.runtime.oci.node.NodeFacts;
import io.crij.runtime.pod.Pods;
import io.crij.runtime.pod.PortForward;
import io.crij.runtime.recovery.ContainerExits;
import io.crij.runtime.recovery.ContainerRecovery;
import io.crij.runtime.resources.UpdatePodSandboxResources;
import io.crij.runtime.sandbox.SandboxStore;
import io.crij.runtime.sandbox.UnsharedFolder;
import io.crij.runtime.stats.Sampler;
import io.crij.runtime.stats.Stats;
import io.crij.runtime.status.RuntimeConfig;
import io.crij.runtime.status.Status;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Pods and containers of the node: one method for each RPC of the CRI's RuntimeService, which
 * throws a {@link ServiceException} when it cannot answer.
 */
public final class RuntimeService implements AutoCloseable {
  /** The tables of pods and containers. */
  public static final Schema SCHEMA =
      new Schema(
          "runtime-service",
          Stream.of(SandboxStore.MIGRATIONS, PodNetwork.MIGRATIONS, ContainerStore.MIGRATIONS)
              .flatMap(List::stream)
              .toList());

  private static final Duration CGROUP_REMOVAL = Duration.ofSeconds(2);

  private final LiveConfig live;
  private final Pods pods;
  private final Containers containers;
  private final RuntimeHandlers handlers;
  private final Monitor monitor;
  private final ControlGroups cgroups;
  private final String cgroupBase;
  private final ContainerStore store;
  private final UnsharedFolder folder;
  private final ContainerEvents events;
  private final UpdatePodSandboxResources updatePodSandboxResources;
  private final Status status;
  private final RuntimeConfig runtimeConfig;
  private final Stats stats;
  private final ListMetricDescriptors listMetricDescriptors = new ListMetricDescriptors();
  private final ListPodSandboxMetrics listPodSandboxMetrics;
  private final Items items;

  private RuntimeService(
      LiveConfig live,
      Pods pods,
      Containers containers,
      Parts parts,
      UnsharedFolder folder,
      Sampler sampler) {
    RuntimeServiceConfig config = live.get();
    this.live = live;
    this.store = parts.store();
    this.folder = folder;
    this.pods = pods;
    this.containers = containers;
    this.handlers = parts.handlers();
    this.monitor = parts.monitor();
    this.cgroups = parts.cgroups();
    this.cgroupBase = config.cgroupParent();
    this.events = parts.events();
    this.updatePodSandboxResources = new UpdatePodSandboxResources(parts.sandboxes(), parts.node());
    this.status = new Status(config, parts, pods::networkNotReadyReason);
    this.runtimeConfig = new RuntimeConfig(config);
    this.stats =
        new Stats(
            sampler,
            parts.sandboxes(),
            parts.store(),
            parts.images(),
            pods.listPodSandbox(),
            containers.listContainers());
    this.listPodSandboxMetrics =
        new ListPodSandboxMetrics(
            stats.sampler(), pods.listPodSandbox(), parts.store(), parts.images());
    this.items =
        new Items(
            pods.listPodSandbox(),
            containers.listContainers(),
            stats.listContainerStats(),
            stats.listPodSandboxStats(),
            listPodSandboxMetrics);
  }

  /**
   * Opens the service: starts or finds the monitor, and recovers what the records know.
   *
   * @param watch who is told what it does
   * @throws ServiceException.Unavailable when no monitor can be had
   */
  public static RuntimeService open(
      RuntimeServiceConfig config, Database database, ImageService images, Watch watch) {
    RuntimeHandlers handlers = RuntimeHandlers.probe(config, config.cgroupParent());
    ControlGroups cgroups = ControlGroups.ofNode();
    ContainerEvents events = new ContainerEvents();
    Sampler sampler = Sampler.ofNode();
    NodeMeters meters = new NodeMeters(watch.meters());
    Stores stores =
        Stores.open(database, config.runroot(), new Stores.Told(events, sampler, meters));
    SandboxStore sandboxes = stores.sandboxes();
    ContainerStore store = stores.containers();
    UnsharedFolder folder = UnsharedFolder.open(ContainerFolder.parent(config.runroot()));
    LiveConfig live = new LiveConfig(config);
    ContainerExits exits = new ContainerExits(store, sandboxes);
    Monitor monitor = Monitor.open(Monitor.Settings.of(config), cgroups, exits);
    try {
      Parts parts =
          new Parts(
              store,
              sandboxes,
              images,
              handlers,
              monitor,
              cgroups,
              NodeFacts.read(),
              AppArmor.ofNode(),
              live,
              events);
      StageWatch stages = watch.measuredStages();
      Containers containers = new Containers(parts, stages);
      ContainerRecovery recovery = new ContainerRecovery(store, monitor, exits, handlers);
      recovery.run(containers);
      Pods pods = Pods.open(live, database, sandboxes, containers, monitor.forwards(), stages);
      events.open(new PodSnapshot(sandboxes, store, pods.podSandboxStatus()::of));
      pods.start();
      monitor.whenReplaced(() -> {
        meters.monitorReplaced();
        pods.recoverPorts();
      });
      meters.count(sandboxes, store, events, monitor);
      meters.nameDefaultRuntime(handlers);
      recovery.takeBackUnfinished(containers);
      return new RuntimeService(live, pods, containers, parts, folder, sampler);
    } catch (RuntimeException | Error e) {
      monitor.close();
      throw e;
    }
  }

  /** Takes over what may change while the service runs; the rest holds from the next start. */
  public void apply(RuntimeServiceConfig changed) {
    handlers.apply(changed);
    live.apply(changed);
  }

  public RunPodSandboxResponse runPodSandbox(RunPodSandboxRequest request) {
    return pods.runPodSandbox().run(request);
  }

  public StopPodSandboxResponse stopPodSandbox(StopPodSandboxRequest request) {
    return pods.stopPodSandbox().run(request);
  }

  public RemovePodSandboxResponse removePodSandbox(RemovePodSandboxRequest request) {
    return pods.removePodSandbox().run(request);
  }

  public PodSandboxStatusResponse podSandboxStatus(PodSandboxStatusRequest request) {
    return pods.podSandboxStatus().run(request);
  }

  public ListPodSandboxResponse listPodSandbox(ListPodSandboxRequest request) {
    return pods.listPodSandbox().run(request);
  }

  public CreateContainerResponse createContainer(CreateContainerRequest request) {
    return containers.createContainer().run(request);
  }

  public StartContainerResponse startContainer(StartContainerRequest request) {
    return containers.startContainer().run(request);
  }

  public StopContainerResponse stopContainer(StopContainerRequest request) {
    return containers.stopContainer().run(request);
  }

  public RemoveContainerResponse removeContainer(RemoveContainerRequest request) {
    return containers.removeContainer().run(request);
  }

  public ListContainersResponse listContainers(ListContainersRequest request) {
    return containers.listContainers().run(request);
  }

  public ContainerStatusResponse containerStatus(ContainerStatusRequest request) {
    return containers.containerStatus().run(request);
  }

  public UpdateContainerResourcesResponse updateContainerResources(
      UpdateContainerResourcesRequest request) {
    return containers.updateContainerResources().run(request);
  }

  public ExecSyncResponse execSync(ExecSyncRequest request) {
    return containers.execSync().run(request);
  }

  /** Exec, whose streams a server of the caller's moves. */
  public Exec exec() {
    return containers.exec();
  }

  /** Attach, whose streams a server of the caller's moves. */
  public Attach attach() {
    return containers.attach();
  }

  /** PortForward, whose connections a server of the caller's moves. */
  public PortForward portForward() {
    return pods.portForward();
  }

  public ReopenContainerLogResponse reopenContainerLog(ReopenContainerLogRequest request) {
    return containers.reopenContainerLog().run(request);
  }

  public StatusResponse status(StatusRequest request) {
    return status.run(request);
  }

  public UpdateRuntimeConfigResponse updateRuntimeConfig(UpdateRuntimeConfigRequest request) {
    return pods.updateRuntimeConfig().run(request);
  }

  public RuntimeConfigResponse runtimeConfig(RuntimeConfigRequest request) {
    return runtimeConfig.run(request);
  }

  public ContainerStatsResponse containerStats(ContainerStatsRequest request) {
    return stats.containerStats().run(request);
  }

  public ListContainerStatsResponse listContainerStats(ListContainerStatsRequest request) {
    return stats.listContainerStats().run(request);
  }

  public PodSandboxStatsResponse podSandboxStats(PodSandboxStatsRequest request) {
    return stats.podSandboxStats().run(request);
  }

  public ListPodSandboxStatsResponse listPodSandboxStats(ListPodSandboxStatsRequest request) {
    return stats.listPodSandboxStats().run(request);
  }

  public ListMetricDescriptorsResponse listMetricDescriptors(ListMetricDescriptorsRequest request) {
    return listMetricDescriptors.run(request);
  }

  public ListPodSandboxMetricsResponse listPodSandboxMetrics(ListPodSandboxMetricsRequest request) {
    return listPodSandboxMetrics.run(request);
  }

  public UpdatePodSandboxResourcesResponse updatePodSandboxResources(
      UpdatePodSandboxResourcesRequest request) {
    return updatePodSandboxResources.run(request);
  }

  /** The lists, item by item: the RPCs named Stream…. */
  public Items items() {
    return items;
  }

  /** Begins to listen to what becomes of pods and containers: GetContainerEvents. */
  public Subscription containerEvents() {
    return events.subscribe();
  }

  /** Ends the streams of {@link #containerEvents}, which have no end of their own. */
  public void endContainerEvents() {
    events.close();
  }

  /** The monitor that runs: not of the CRI, for people at the node. */
  public MonitorInfo monitor() {
    return monitor.info();
  }

  /**
   * Upgrades the monitor in place: not of the CRI, for people at the node.
   *
   * @param program absolute path of a conmon-j; empty for the one that would be started
   * @return the version before
   */
  public String upgradeMonitor(String program) {
    return monitor.upgrade(program);
  }

  /**
   * Ends the monitor too: not of the CRI, for people at the node. The service can then only be
   * closed.
   *
   * @throws ServiceException.FailedPrecondition when containers live
   */
  public void endMonitor() {
    handlers.close();
    monitor.end();
    handlers.end();
    cgroups.removeAll(List.of(live.get().monitorCgroup(), cgroupBase), CGROUP_REMOVAL);
  }

  /** Ends the service. Pods, containers and the monitor go on. */
  @Override
  public void close() {
    events.close();
    pods.close();
    handlers.close();
    monitor.close();
    stats.sampler().close();
    if (store.all().isEmpty()) {
      folder.share();
    }
  }
}
