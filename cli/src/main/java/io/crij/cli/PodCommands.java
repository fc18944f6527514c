package io.crij.cli;

import io.crij.cri.v1.Container;
import io.crij.cri.v1.ContainerFilter;
import io.crij.cri.v1.ContainerState;
import io.crij.cri.v1.ContainerStateValue;
import io.crij.cri.v1.ListContainersRequest;
import io.crij.cri.v1.ListPodSandboxRequest;
import io.crij.cri.v1.PodSandbox;
import io.crij.cri.v1.PodSandboxState;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "pod", description = "Pods of this node.", synopsisSubcommandLabel = "COMMAND")
final class PodCommands {
  private final Crij crij;
  private final PrintWriter out;

  PodCommands(Crij crij, PrintWriter out) {
    this.crij = crij;
    this.out = out;
  }

  @Command(name = "run", description = "Runs a pod of one container and prints the container's id.")
  void run(
      @Option(names = "--name", paramLabel = "NAME", required = true) String name,
      @Option(
              names = "--image",
              paramLabel = "REF",
              required = true,
              description = "An image of this node.")
          String image,
      @Option(names = "--host-network", description = "In the node's network.") boolean hostNetwork,
      @Option(
              names = "--log-dir",
              paramLabel = "DIR",
              defaultValue = "${env:CRIJ_LOGS:-/var/log/crij}/pods",
              description = "Where the pod's logs go; default: ${DEFAULT-VALUE}.")
          Path logs,
      @Parameters(paramLabel = "COMMAND", arity = "0..*", description = "Default: the image's.")
          List<String> command) {
    try (Node node = crij.connect()) {
      out.println(new RunPod(node).run(name, image, hostNetwork, logs.toAbsolutePath(), command));
    }
  }

  @Command(name = "ls", description = "Lists the pods: id, state, namespace/name.")
  void list() {
    try (Node node = crij.connect()) {
      for (PodSandbox pod : pods(node)) {
        String state = pod.getState() == PodSandboxState.SANDBOX_READY ? "ready" : "notready";
        out.println(
            pod.getId()
                + " "
                + state
                + " "
                + pod.getMetadata().getNamespace()
                + "/"
                + pod.getMetadata().getName());
      }
    }
  }

  @Command(
      name = "find",
      description = "Prints the ids of the running containers of a pod; nothing if there are none.")
  void find(@Parameters(paramLabel = "NAME", description = "The pod's.") String name) {
    try (Node node = crij.connect()) {
      for (PodSandbox pod : pods(node)) {
        if (pod.getMetadata().getName().equals(name)) {
          running(node, pod).forEach(container -> out.println(container.getId()));
        }
      }
    }
  }

  private static List<PodSandbox> pods(Node node) {
    return node.runtime(Node.SHORT)
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList();
  }

  private static List<Container> running(Node node, PodSandbox pod) {
    ContainerFilter filter =
        ContainerFilter.newBuilder()
            .setPodSandboxId(pod.getId())
            .setState(ContainerStateValue.newBuilder().setState(ContainerState.CONTAINER_RUNNING))
            .build();
    return node.runtime(Node.SHORT)
        .listContainers(ListContainersRequest.newBuilder().setFilter(filter).build())
        .getContainersList();
  }
}
