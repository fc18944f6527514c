package io.crij.runtime.pod;

import io.crij.cri.v1.LinuxPodSandboxConfig;
import io.crij.cri.v1.LinuxPodSandboxStatus;
import io.crij.cri.v1.Namespace;
import io.crij.cri.v1.PodIP;
import io.crij.cri.v1.PodSandboxNetworkStatus;
import io.crij.cri.v1.PodSandboxState;
import io.crij.cri.v1.PodSandboxStatusRequest;
import io.crij.cri.v1.PodSandboxStatusResponse;
import io.crij.linux.namespace.NamespaceType;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cni.PodNetwork;
import io.crij.runtime.resources.ResourcesJson;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxNamespaces;
import io.crij.runtime.sandbox.SandboxStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Tells the state of a pod, its addresses, and its containers. */
public final class PodSandboxStatus {
  private static final JsonMapper JSON = new JsonMapper();
  private static final long NANOS = 1_000_000_000L;

  private final SandboxStore sandboxes;
  private final PodNetwork network;
  private final PodContainers containers;
  private final PodTeardown teardown;

  PodSandboxStatus(
      SandboxStore sandboxes, PodNetwork network, PodContainers containers, PodTeardown teardown) {
    this.sandboxes = sandboxes;
    this.network = network;
    this.containers = containers;
    this.teardown = teardown;
  }

  /**
   * @throws ServiceException.NotFound when there is no such sandbox
   */
  public PodSandboxStatusResponse run(PodSandboxStatusRequest request) {
    Instant before = Instant.now();
    Sandbox sandbox = sandboxes.get(request.getPodSandboxId());
    // Who compares it with the time of an event must not take what was seen for newer (KEP-3386).
    PodSandboxStatusResponse.Builder response = of(sandbox).toBuilder().setTimestamp(nanos(before));
    if (request.getVerbose()) {
      response.putInfo("info", info(sandbox));
    }
    return response.build();
  }

  /** The status of a sandbox and of its containers now. Nothing but memory is read. */
  public PodSandboxStatusResponse of(Sandbox sandbox) {
    return PodSandboxStatusResponse.newBuilder()
        .setStatus(status(sandbox))
        .addAllContainersStatuses(containers.statuses(sandbox.id()))
        .build();
  }

  private io.crij.cri.v1.PodSandboxStatus status(Sandbox sandbox) {
    return io.crij.cri.v1.PodSandboxStatus.newBuilder()
        .setId(sandbox.id())
        .setMetadata(sandbox.config().getMetadata())
        .setState(state(sandbox))
        .setCreatedAt(nanos(sandbox.createdAt()))
        .setNetwork(network(sandbox))
        .setLinux(
            LinuxPodSandboxStatus.newBuilder()
                .setNamespaces(Namespace.newBuilder().setOptions(sandbox.namespaceOptions())))
        .putAllLabels(sandbox.config().getLabelsMap())
        .putAllAnnotations(sandbox.config().getAnnotationsMap())
        .setRuntimeHandler(sandbox.runtimeHandler())
        .build();
  }

  static PodSandboxState state(Sandbox sandbox) {
    return sandbox.isReady() ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
  }

  static long nanos(Instant instant) {
    return instant.getEpochSecond() * NANOS + instant.getNano();
  }

  private PodSandboxNetworkStatus network(Sandbox sandbox) {
    List<String> addresses = network.addresses(sandbox.id());
    PodSandboxNetworkStatus.Builder status = PodSandboxNetworkStatus.newBuilder();
    if (!addresses.isEmpty()) {
      status.setIp(addresses.getFirst());
      for (String address : addresses.subList(1, addresses.size())) {
        status.addAdditionalIps(PodIP.newBuilder().setIp(address));
      }
    }
    return status.build();
  }

  private String info(Sandbox sandbox) {
    ObjectNode info = JSON.createObjectNode();
    info.put("state", sandbox.state().name());
    info.put("hostname", sandbox.hostname());
    info.put("cgroupParent", sandbox.cgroupParent());
    info.put("folder", sandbox.folder().path().toString());
    ObjectNode namespaces = info.putObject("namespaces");
    for (NamespaceType type : NamespaceType.values()) {
      Path path = sandbox.namespacePath(type);
      if (path != null) {
        namespaces.put(type.procName(), path.toString());
      }
    }
    LinuxPodSandboxConfig linux = sandbox.config().getLinux();
    if (linux.hasOverhead()) {
      info.set("overhead", ResourcesJson.of(linux.getOverhead()));
    }
    if (linux.hasResources()) {
      info.set("resources", ResourcesJson.of(linux.getResources()));
    }
    String result = network.result(sandbox.id());
    if (!result.isEmpty()) {
      info.set("cniResult", JSON.readTree(result));
      info.put("cniCheck", check(sandbox));
    }
    return info.toString();
  }

  /** What plugins find wrong with the network of a ready pod; empty when nothing is. */
  private String check(Sandbox sandbox) {
    Path netns = SandboxNamespaces.network(sandbox.folder());
    if (!sandbox.isReady() || netns == null) {
      return "";
    }
    return teardown.ifIdle(sandbox.id(), () -> network.check(sandbox.id(), netns), "");
  }
}
