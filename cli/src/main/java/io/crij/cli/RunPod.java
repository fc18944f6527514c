package io.crij.cli;

import io.crij.cli.connection.Node;
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
import io.crij.cri.v1.VersionRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** Runs a pod of one container, as the kubelet would. */
final class RunPod {
  private static final String NAMESPACE = "default";
  private static final String CONTAINER = "main";

  /** What the node called the two. */
  record Ids(String pod, String container) {}

  private final Node node;

  RunPod(Node node) {
    this.node = node;
  }

  /** A pod whose container does not start is removed again. */
  Ids run(String name, String image, boolean hostNetwork, Path logs, List<String> arguments) {
    // Nothing is made for a crijd that does not answer.
    var _ = node.runtime(Node.SHORT).version(VersionRequest.getDefaultInstance());
    String uid = UUID.randomUUID().toString();
    Path folder = logs.resolve(NAMESPACE + "_" + name + "_" + uid);
    createFolder(folder.resolve(CONTAINER));
    PodSandboxConfig pod = pod(name, uid, hostNetwork, folder);
    String podId =
        node.runtime(Node.STOP)
            .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
            .getPodSandboxId();
    try {
      return new Ids(podId, start(podId, pod, container(image, arguments, pod)));
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
                PodSandboxMetadata.newBuilder().setName(name).setUid(uid).setNamespace(NAMESPACE))
            .putLabels("io.kubernetes.pod.name", name)
            .putLabels("io.kubernetes.pod.namespace", NAMESPACE)
            .putLabels("io.kubernetes.pod.uid", uid)
            .setLogDirectory(logs.toString())
            .setLinux(
                LinuxPodSandboxConfig.newBuilder()
                    .setSecurityContext(
                        LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(namespaces)));
    // A pod in the node's network has the node's name.
    return hostNetwork ? pod.build() : pod.setHostname(name).build();
  }

  private static ContainerConfig container(
      String image, List<String> arguments, PodSandboxConfig pod) {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName(CONTAINER))
        .putAllLabels(pod.getLabelsMap())
        .putLabels("io.kubernetes.container.name", CONTAINER)
        .setImage(ImageSpec.newBuilder().setImage(image))
        .addAllArgs(arguments)
        .setLogPath(CONTAINER + "/0.log")
        .build();
  }

  /** As the kubelet does. */
  private static void createFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("create " + folder + ": " + e.getMessage(), e);
    }
  }
}
