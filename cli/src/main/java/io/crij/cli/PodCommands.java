package io.crij.cli;

import io.crij.cri.v1.Container;
import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.ContainerMetadata;
import io.crij.cri.v1.CreateContainerRequest;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.ListContainersRequest;
import io.crij.cri.v1.ListPodSandboxRequest;
import io.crij.cri.v1.PodSandbox;
import io.crij.cri.v1.PodSandboxConfig;
import io.crij.cri.v1.PodSandboxMetadata;
import io.crij.cri.v1.RemovePodSandboxRequest;
import io.crij.cri.v1.RunPodSandboxRequest;
import io.crij.cri.v1.StartContainerRequest;
import io.crij.cri.v1.VersionRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "pod", description = "Pods of this node.", synopsisSubcommandLabel = "COMMAND")
final class PodCommands {
  private static final String NAMESPACE = "default";
  private static final String CONTAINER = "main";

  private final Crij crij;
  private final PrintWriter out;

  PodCommands(Crij crij, PrintWriter out) {
    this.crij = crij;
    this.out = out;
  }

  @Command(
      name = "run",
      description =
          "Runs a pod of one container, of an image that is on the node, and prints both ids.")
  void run(
      @Option(names = "--name", required = true, description = "The pod's name.") String name,
      @Option(names = "--image", required = true, paramLabel = "REF") String image,
      @Option(
              names = "--log-directory",
              paramLabel = "DIR",
              defaultValue = "/var/log/pods",
              description = "Where pods have their folders of logs; default: /var/log/pods")
          Path logs,
      @Parameters(paramLabel = "COMMAND", arity = "0..*", description = "Default: the image's.")
          List<String> command)
      throws IOException {
    String uid = UUID.randomUUID().toString();
    // As the kubelet lays them out.
    Path folder = logs.toAbsolutePath().resolve(NAMESPACE + "_" + name + "_" + uid);
    PodSandboxConfig pod =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder().setName(name).setNamespace(NAMESPACE).setUid(uid))
            .setHostname(name)
            .setLogDirectory(folder.toString())
            .build();
    ContainerConfig container =
        ContainerConfig.newBuilder()
            .setMetadata(ContainerMetadata.newBuilder().setName(CONTAINER))
            .setImage(ImageSpec.newBuilder().setImage(image))
            .addAllArgs(command == null ? List.of() : command)
            .setLogPath(CONTAINER + "/0.log")
            .build();
    try (Node node = crij.connect()) {
      // Nothing is made for a crijd that does not answer.
      var _ = node.runtime(Node.SHORT).version(VersionRequest.getDefaultInstance());
      Files.createDirectories(folder.resolve(CONTAINER));
      String podId =
          node.runtime(Node.STOP)
              .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
              .getPodSandboxId();
      String containerId = startOrRemove(node, podId, pod, container);
      out.println(podId);
      out.println(containerId);
    }
  }

  @Command(name = "ls", description = "Lists the pods: id, state, namespace and name.")
  void list() {
    try (Node node = crij.connect()) {
      for (PodSandbox pod : pods(node)) {
        out.println(pod.getId() + " " + word(pod.getState(), "SANDBOX_") + " " + name(pod));
      }
    }
  }

  @Command(
      name = "containers",
      description = "Lists the containers: id, state, namespace, pod and name.")
  void containers() {
    try (Node node = crij.connect()) {
      Map<String, String> names = new HashMap<>();
      pods(node).forEach(pod -> names.put(pod.getId(), name(pod)));
      for (Container container :
          node.runtime(Node.SHORT)
              .listContainers(ListContainersRequest.getDefaultInstance())
              .getContainersList()) {
        out.println(
            container.getId()
                + " "
                + word(container.getState(), "CONTAINER_")
                + " "
                + names.getOrDefault(container.getPodSandboxId(), "?")
                + "/"
                + container.getMetadata().getName());
      }
    }
  }

  private static String startOrRemove(
      Node node, String podId, PodSandboxConfig pod, ContainerConfig container) {
    boolean started = false;
    try {
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
      started = true;
      return id;
    } finally {
      if (!started) {
        var _ =
            node.runtime(Node.STOP)
                .removePodSandbox(
                    RemovePodSandboxRequest.newBuilder().setPodSandboxId(podId).build());
      }
    }
  }

  private static List<PodSandbox> pods(Node node) {
    return node.runtime(Node.SHORT)
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList();
  }

  private static String name(PodSandbox pod) {
    return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
  }

  private static String word(Enum<?> state, String prefix) {
    return state.name().substring(prefix.length()).toLowerCase(Locale.ROOT);
  }
}
