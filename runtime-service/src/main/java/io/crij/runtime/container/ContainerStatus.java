package io.crij.runtime.container;

import io.crij.cri.v1.ContainerResources;
import io.crij.cri.v1.ContainerStatusRequest;
import io.crij.cri.v1.ContainerStatusResponse;
import io.crij.cri.v1.ContainerUser;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.LinuxContainerUser;
import io.crij.linux.process.ProcessId;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerStore;
import io.crij.runtime.container.records.Lifecycle;
import io.crij.runtime.container.records.StopSignal;
import io.crij.runtime.oci.rootfs.ContainerIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Tells all about a container. */
public final class ContainerStatus {
  private static final JsonMapper MAPPER = new JsonMapper();

  private final ContainerStore store;

  ContainerStatus(ContainerStore store) {
    this.store = store;
  }

  /**
   * @throws ServiceException.NotFound when there is no such container
   */
  public ContainerStatusResponse run(ContainerStatusRequest request) {
    Container container = store.get(request.getContainerId());
    ContainerStatusResponse.Builder response =
        ContainerStatusResponse.newBuilder().setStatus(status(container));
    if (request.getVerbose()) {
      response.putInfo("info", info(container));
    }
    return response.build();
  }

  static io.crij.cri.v1.ContainerStatus status(Container container) {
    Lifecycle life = container.life();
    io.crij.cri.v1.ContainerStatus.Builder status =
        io.crij.cri.v1.ContainerStatus.newBuilder()
            .setId(container.id())
            .setMetadata(container.config().getMetadata())
            .setState(life.state())
            .setCreatedAt(life.createdAt())
            .setStartedAt(life.startedAt())
            .setFinishedAt(life.finishedAt())
            .setExitCode(life.exitCode())
            .setReason(reason(life))
            .setMessage(life.message())
            .setImage(image(container))
            .setImageRef(container.imageRef())
            .setImageId(container.image())
            .putAllLabels(container.config().getLabelsMap())
            .putAllAnnotations(container.config().getAnnotationsMap())
            .addAllMounts(container.config().getMountsList())
            .setLogPath(container.logPath())
            .setStopSignal(StopSignal.cri(container.stopSignal()));
    if (container.config().getLinux().hasResources()) {
      status.setResources(
          ContainerResources.newBuilder().setLinux(container.config().getLinux().getResources()));
    }
    ContainerIdentity user = life.user();
    if (user != null) {
      status.setUser(user(user));
    }
    return status.build();
  }

  private static ContainerUser user(ContainerIdentity user) {
    return ContainerUser.newBuilder()
        .setLinux(
            LinuxContainerUser.newBuilder()
                .setUid(user.uid())
                .setGid(user.gid())
                .addAllSupplementalGroups(user.groups()))
        .build();
  }

  /** What the user asked for by name, where the request still says it; else the image's name. */
  static ImageSpec image(Container container) {
    ImageSpec requested = container.config().getImage();
    return requested.toBuilder()
        .setImage(
            requested.getUserSpecifiedImage().isEmpty()
                ? container.imageName()
                : requested.getUserSpecifiedImage())
        .build();
  }

  /** The CRI demands OOMKilled; the others are what both peers say. */
  private static String reason(Lifecycle life) {
    if (!life.hasEnded()) {
      return "";
    }
    if (life.oomKilled()) {
      return "OOMKilled";
    }
    if (!life.reason().isEmpty()) {
      return life.reason();
    }
    return life.exitCode() == 0 ? "Completed" : "Error";
  }

  private static String info(Container container) {
    ObjectNode info = MAPPER.createObjectNode();
    ProcessId process = container.life().process();
    info.put("pid", process == null || container.life().hasEnded() ? 0 : process.pid());
    info.put("sandboxID", container.sandboxId());
    info.put("runtimeHandler", container.handler());
    info.put("cgroupPath", container.cgroupPath());
    info.put("bundle", container.folder().path().toString());
    Path specification = container.folder().specification();
    try {
      info.set("runtimeSpec", MAPPER.readTree(Files.readAllBytes(specification)));
    } catch (IOException | JacksonException _) {
      // Removed meanwhile, or lost with the runroot: the rest can be told all the same.
      info.putNull("runtimeSpec");
    }
    return info.toString();
  }
}
