package io.crij.cli;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.ContainerMetadata;
import io.crij.cri.v1.CreateContainerRequest;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.LinuxPodSandboxConfig;
import io.crij.cri.v1.LinuxSandboxSecurityContext;
import io.crij.cri.v1.NamespaceMode;
import io.crij.cri.v1.NamespaceOption;
import io.crij.cri.v1.PodSandboxConfig;
import io.crij.cri.v1.PodSandboxMetadata;
import io.crij.cri.v1.RunPodSandboxRequest;
import io.crij.cri.v1.StartContainerRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** Runs a pod of one container, as the kubelet would. */
final class RunPod {
  private final Node node;

  RunPod(Node node) {
    this.node = node;
  }

  /** Gives the container's id; a pod whose container does not start is removed again. */
  String run(String name, String image, boolean hostNetwork, Path logs, List<String> command) {
    String uid = UUID.randomUUID().toString();
    PodSandboxConfig pod = pod(name, uid, hostNetwork, logs.resolve(name + "_" + uid));
    // The kubelet makes it too before it asks for a container.
    createFolder(Path.of(pod.getLogDirectory(), name));
    String podId =
        node.runtime(Node.STOP)
            .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
            .getPodSandboxId();
    try {
      return start(podId, pod, container(name, image, command));
    } catch (StatusRuntimeException e) {
      try {
        node.removePod(podId);
      } catch (StatusRuntimeException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  private String start(String podId, PodSandboxConfig pod, ContainerConfig container) {
    String id =
        node.runtime(Node.STOP)
            .createContainer(
                CreateContainerRequest.newBuilder()
                    .setPodSandboxId(podId)
                    .setConfig(container)
                    .setSandboxConfig(pod)
                    .build())
            .getContainerId();
    var _ =
        node.runtime(Node.STOP)
            .startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
    return id;
  }

  private static PodSandboxConfig pod(String name, String uid, boolean hostNetwork, Path logs) {
    NamespaceOption namespaces =
        NamespaceOption.newBuilder()
            .setNetwork(hostNetwork ? NamespaceMode.NODE : NamespaceMode.POD)
            .setPid(NamespaceMode.CONTAINER)
            .build();
    PodSandboxConfig.Builder pod =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder().setName(name).setUid(uid).setNamespace("default"))
            .setLogDirectory(logs.toString())
            .setLinux(
                LinuxPodSandboxConfig.newBuilder()
                    .setSecurityContext(
                        LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(namespaces)));
    // A pod in the node's network has the node's name.
    return hostNetwork ? pod.build() : pod.setHostname(name).build();
  }

  private static ContainerConfig container(String name, String image, List<String> command) {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName(name))
        .setImage(ImageSpec.newBuilder().setImage(image))
        .addAllCommand(command)
        .setLogPath(name + "/0.log")
        .build();
  }

  private static void createFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("create " + folder + ": " + e.getMessage(), e);
    }
  }
}
