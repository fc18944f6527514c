package io.crij.cli;

import io.crij.cli.connection.Node;
import io.crij.cri.v1.Container;
import io.crij.cri.v1.ListContainersRequest;
import io.crij.cri.v1.ListPodSandboxRequest;
import io.crij.cri.v1.PodSandbox;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

  @Command(
      name = "run",
      description =
          "Runs a pod of one container, of an image that is on the node, and prints both ids.")
  void run(
      @Option(names = "--name", required = true, description = "The pod's name.") String name,
      @Option(names = "--image", required = true, paramLabel = "REF") String image,
      @Option(names = "--host-network", description = "In the node's network.") boolean hostNetwork,
      @Option(
              names = "--log-directory",
              paramLabel = "DIR",
              defaultValue = "/var/log/pods",
              description = "Where pods have their folders of logs; default: /var/log/pods")
          Path logs,
      @Parameters(
              paramLabel = "ARGUMENT",
              arity = "0..*",
              description = "Arguments of the image's entry point; default: the image's.")
          List<String> arguments) {
    List<String> given = arguments == null ? List.of() : arguments;
    try (Node node = crij.connect()) {
      RunPod.Ids ids = new RunPod(node).run(name, image, hostNetwork, logs.toAbsolutePath(), given);
      out.println(ids.pod());
      out.println(ids.container());
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
