package io.crij.runtime.container.records;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.LinuxContainerResources;

/**
 * A container as recorded: all but its life and its resources is written once. An immutable
 * snapshot.
 *
 * @param config as requested
 * @param image id of the image, 64 hexadecimal digits
 * @param imageRef of the image with its digest, {@code repository@sha256:…}; else its id
 * @param imageName of the image for people; else its id
 * @param runtime name of the OCI runtime: of its handler, for images of some platforms followed by
 *     {@code @os/architecture}
 * @param cgroupPath below the mount point of each controller; all of it is in there
 * @param logPath absolute; empty: no log
 * @param stopSignal number of the signal that asks it to end
 * @param bootId of the boot in which it was made: no process of it outlives that
 */
public record Container(
    String id,
    String sandboxId,
    ContainerConfig config,
    String image,
    String imageRef,
    String imageName,
    String runtime,
    String cgroupPath,
    String logPath,
    int stopSignal,
    String bootId,
    ContainerFolder folder,
    Lifecycle life) {

  public Container with(Lifecycle newLife) {
    return with(config, newLife);
  }

  /** Its cgroup has other settings now. */
  public Container with(LinuxContainerResources resources) {
    ContainerConfig.Builder changed = config.toBuilder();
    changed.getLinuxBuilder().setResources(resources);
    return with(changed.build(), life);
  }

  private Container with(ContainerConfig newConfig, Lifecycle newLife) {
    return new Container(
        id,
        sandboxId,
        newConfig,
        image,
        imageRef,
        imageName,
        runtime,
        cgroupPath,
        logPath,
        stopSignal,
        bootId,
        folder,
        newLife);
  }

  /**
   * The cgroup that its limits and figures stand in. With version 2 crun leaves a scope of systemd
   * to systemd, which would put back there what was changed without it, and makes another below.
   * The OCI runtime has said so before the container ran: it could make such a one, too.
   */
  public String limitedCgroup() {
    return life.cgroupBelow().isEmpty() ? cgroupPath : cgroupPath + "/" + life.cgroupBelow();
  }

  /** Name of its OCI runtime's handler. */
  public String handler() {
    int platform = runtime.indexOf('@');
    return platform < 0 ? runtime : runtime.substring(0, platform);
  }

  /**
   * Whether it only holds its pod's PID namespace; then it has the pod's id, and is hidden from
   * everybody who asks for containers.
   */
  public boolean isInfra() {
    return id.equals(sandboxId);
  }

  /** The pod, the name in it, and the attempt: what the kubelet tells containers apart by. */
  public String name() {
    return name(sandboxId, config);
  }

  /** The name that a container of this configuration holds. */
  public static String name(String sandboxId, ContainerConfig config) {
    return String.join(
        "_",
        sandboxId,
        config.getMetadata().getName(),
        Integer.toUnsignedString(config.getMetadata().getAttempt()));
  }
}
