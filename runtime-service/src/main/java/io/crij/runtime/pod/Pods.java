package io.crij.runtime.pod;

import io.crij.records.Database;
import io.crij.runtime.LiveConfig;
import io.crij.runtime.RuntimeServiceConfig;
import io.crij.runtime.cni.PodNetwork;
import io.crij.runtime.hostport.HostPorts;
import io.crij.runtime.hostport.PortForwarder;
import io.crij.runtime.names.Names;
import io.crij.runtime.names.StageWatch;
import io.crij.runtime.oci.node.SelinuxPolicy;
import io.crij.runtime.sandbox.SandboxParent;
import io.crij.runtime.sandbox.SandboxStore;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pods of the node: the verbs on them, put together.
 *
 * <p>At the start, in this order: the {@link SandboxStore} is opened, then the containers that know
 * it, then the pods; the containers are recovered, and {@link #start} is called.
 */
public final class Pods implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Pods.class);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);

  private final SandboxParent parent;
  private final PodNetwork network;
  private final PodRetries retries;
  private final PodPorts ports;
  private final PodTeardown teardown;
  private final RunPodSandbox runPodSandbox;
  private final StopPodSandbox stopPodSandbox;
  private final RemovePodSandbox removePodSandbox;
  private final PodSandboxStatus podSandboxStatus;
  private final ListPodSandbox listPodSandbox;
  private final PortForward portForward;
  private final UpdateRuntimeConfig updateRuntimeConfig;

  /**
   * How pods are made and taken down.
   *
   * @param policy of the node's SELinux; null: it has none
   * @param stages told of those of each pod that is made
   * @param firstRetry how long after a failed removal
   */
  record Terms(
      LiveConfig config, @Nullable SelinuxPolicy policy, StageWatch stages, Duration firstRetry) {}

  Pods(
      Terms terms,
      SandboxStore sandboxes,
      PodNetwork network,
      HostPorts hostPorts,
      PodContainers containers) {
    LiveConfig live = terms.config();
    RuntimeServiceConfig config = live.get();
    this.network = network;
    parent = SandboxParent.open(config.runroot());
    retries = new PodRetries(terms.firstRetry());
    Names names = new Names("pod sandbox", terms.stages());
    ports = new PodPorts(sandboxes, network, hostPorts);
    teardown = new PodTeardown(sandboxes, network, ports, containers, names);
    runPodSandbox =
        new RunPodSandbox(
            live,
            sandboxes,
            new PodMaking(live, sandboxes, terms.policy(), network, ports, containers),
            names,
            teardown,
            retries);
    stopPodSandbox = new StopPodSandbox(sandboxes, teardown, retries);
    removePodSandbox = new RemovePodSandbox(sandboxes, teardown);
    podSandboxStatus = new PodSandboxStatus(sandboxes, network, containers, teardown);
    listPodSandbox = new ListPodSandbox(sandboxes);
    portForward = new PortForward(sandboxes);
    updateRuntimeConfig = new UpdateRuntimeConfig(network, config.network().confTemplate());
    new SandboxRecovery(sandboxes, parent, network, names, teardown, retries).run();
  }

  /**
   * Recovers the sandboxes of {@code sandboxes}: afterwards their states are true. Nothing is taken
   * down before {@link #start}.
   *
   * @param forwarder of ports of the node that the kernel cannot translate
   * @param stages told of those of each pod that is made
   */
  public static Pods open(
      LiveConfig live,
      Database database,
      SandboxStore sandboxes,
      PodContainers containers,
      PortForwarder forwarder,
      StageWatch stages) {
    PodNetwork network = PodNetwork.open(live.get().network(), database);
    HostPorts ports = HostPorts.ofNode(live.get().runroot(), forwarder);
    Terms terms = new Terms(live, policy(live.get()), stages, FIRST_RETRY);
    return new Pods(terms, sandboxes, network, ports, containers);
  }

  private static @Nullable SelinuxPolicy policy(RuntimeServiceConfig config) {
    SelinuxPolicy policy = SelinuxPolicy.read(Path.of("/"));
    if (policy == null && config.settings().process().selinux().enabled()) {
      log.warn("crij.runtime.selinux is true, and this node has no SELinux: pods have no labels");
    }
    return policy;
  }

  /**
   * Begins to take down in the background what is left of pods that are not to be: to be called
   * when the containers are recovered.
   */
  public void start() {
    retries.start();
    network.startGarbageCollection();
    recoverPorts();
  }

  /** Brings the node's ports and the pods together again, in the background. */
  public void recoverPorts() {
    Thread.ofVirtual().name("host ports").start(() -> ports.recover(teardown));
  }

  public RunPodSandbox runPodSandbox() {
    return runPodSandbox;
  }

  public StopPodSandbox stopPodSandbox() {
    return stopPodSandbox;
  }

  public RemovePodSandbox removePodSandbox() {
    return removePodSandbox;
  }

  public PodSandboxStatus podSandboxStatus() {
    return podSandboxStatus;
  }

  public ListPodSandbox listPodSandbox() {
    return listPodSandbox;
  }

  public PortForward portForward() {
    return portForward;
  }

  public UpdateRuntimeConfig updateRuntimeConfig() {
    return updateRuntimeConfig;
  }

  /** Why pods cannot be attached to a network now; empty when they can (Status, NetworkReady). */
  public String networkNotReadyReason() {
    return network.notReadyReason();
  }

  /** How many pods wait to be taken down in the background. */
  public int pendingTeardowns() {
    return retries.size();
  }

  /** Ends the work in the background. Pods go on. */
  @Override
  public void close() {
    retries.close();
    network.close();
    parent.close();
  }
}
