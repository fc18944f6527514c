package io.crij.runtime.oci.spec;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.LinuxContainerResources;
import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.image.manifest.ImageConfig;
import io.crij.runtime.cdi.Edits;
import io.crij.runtime.oci.HandlerFeatures;
import io.crij.runtime.oci.apparmor.AppArmor;
import io.crij.runtime.oci.node.NodeFacts;
import io.crij.runtime.oci.rootfs.ContainerIdentity;
import io.crij.runtime.selinux.Selinux;
import io.crij.runtime.settings.ContainerSettings;
import io.crij.runtime.settings.HandlerSettings;
import io.crij.runtime.settings.PodAnnotation;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * All that a container's specification is made from.
 *
 * @param config of the request
 * @param image configuration of the image
 * @param pod what the container shares with its pod
 * @param rootfs the mounted root file system
 * @param cgroupPath below the mount point of each controller
 * @param user resolved in the image
 * @param workingDirectory chosen and checked
 * @param features of the OCI runtime that will read the specification
 * @param node facts of the node
 * @param apparmor of the node, which it may not have
 * @param settings of all containers
 * @param handler name of the OCI runtime
 * @param edits what comes with devices that the container asks for
 */
public record SpecInput(
    ContainerConfig config,
    ImageConfig image,
    PodContext pod,
    Path rootfs,
    String cgroupPath,
    ContainerIdentity user,
    String workingDirectory,
    HandlerFeatures features,
    NodeFacts node,
    AppArmor apparmor,
    ContainerSettings settings,
    String handler,
    Edits edits) {

  /** Whether the root file system is read-only. */
  boolean readOnly() {
    return security().getReadonlyRootfs() || settings.mounts().readOnly();
  }

  /** What the pod says by an annotation; empty: nothing, or it may not. */
  String asked(PodAnnotation annotation) {
    return settings.asked(annotation, pod.annotations(), handler);
  }

  /** What the pod says of this container by an annotation; empty: nothing, or it may not. */
  String askedHere(PodAnnotation annotation) {
    return settings.askedFor(
        config.getMetadata().getName(), annotation, pod.annotations(), handler);
  }

  /** SELinux; null where the node has none, or it is not used. */
  @Nullable Selinux selinux() {
    return Selinux.of(node.selinux(), settings.process().selinux());
  }

  HandlerSettings handlerSettings() {
    return settings.handler(handler);
  }

  LinuxContainerSecurityContext security() {
    return config.getLinux().getSecurityContext();
  }

  LinuxContainerResources resources() {
    return config.getLinux().getResources();
  }
}
