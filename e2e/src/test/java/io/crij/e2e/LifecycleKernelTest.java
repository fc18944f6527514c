package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.Crictl;
import io.crij.e2e.node.Node;
import io.crij.e2e.node.PodFiles;
import io.crij.e2e.program.Eventually;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** The life of a pod, typed as an administrator types it. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class LifecycleKernelTest {
  private static final String IMAGE = "docker.io/library/busybox:latest";

  @Test
  void aPodLivesAndLeavesNothing(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry)) {
      Crictl crictl = node.crictl();
      PodFiles files = new PodFiles(node.podLogs("web"), "web");
      crictl.run("pull", IMAGE);
      assertThat(crictl.run("images")).contains("docker.io/library/busybox").contains("latest");

      String pod = crictl.run("runp", files.pod());
      assertThat(crictl.run("pods", "--quiet", "--no-trunc", "--state", "Ready")).isEqualTo(pod);
      assertThat(node.addressesInUse())
          .containsExactly(crictl.json("inspectp", pod).at("/status/network/ip").asString());

      String container =
          crictl.run(
              "create",
              pod,
              files.container("main", IMAGE, "sh", "-c", "echo first; sleep 600 & wait; exit 0"),
              files.pod());
      assertThat(state(crictl, container)).isEqualTo("CONTAINER_CREATED");
      crictl.run("start", container);
      assertThat(state(crictl, container)).isEqualTo("CONTAINER_RUNNING");
      awaitLine(crictl, container, "first");
      assertThat(Files.readString(files.log("main"))).matches("\\S+T\\S+ stdout F first\n");
      assertThat(crictl.run("exec", "--sync", container, "hostname")).isEqualTo("web");
      assertThat(crictl.run("exec", "--sync", container, "cat", "/etc/resolv.conf"))
          .contains("nameserver 192.0.2.53");
      assertThat(crictl.run("ps", "--quiet", "--no-trunc")).isEqualTo(container);

      crictl.run("stop", "--timeout", "1", container);
      assertThat(state(crictl, container)).isEqualTo("CONTAINER_EXITED");
      crictl.run("rm", container);
      assertThat(crictl.run("ps", "--all", "--quiet")).isEmpty();
      crictl.run("stopp", pod);
      assertThat(node.addressesInUse()).isEmpty();
      assertThat(crictl.run("pods", "--quiet", "--no-trunc", "--state", "NotReady")).isEqualTo(pod);
      crictl.run("rmp", pod);
      assertThat(crictl.run("pods", "--quiet")).isEmpty();
      assertThat(node.stateOfPods()).isEmpty();

      crictl.run("rmi", IMAGE);
      assertThat(crictl.attempt("inspecti", IMAGE).errors()).contains("no such image");
    }
  }

  @Test
  void aContainersExitCodeIsItsStatus(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry)) {
      Crictl crictl = node.crictl();
      PodFiles files = new PodFiles(node.podLogs("job"), "job");
      crictl.run("pull", IMAGE);
      String pod = crictl.run("runp", files.hostNetworkPod());
      String container =
          crictl.run(
              "create",
              pod,
              files.container("main", IMAGE, "sh", "-c", "echo out; echo err >&2; exit 7"),
              files.hostNetworkPod());
      crictl.run("start", container);
      awaitState(crictl, container, "CONTAINER_EXITED");

      JsonNode status = crictl.json("inspect", container).path("status");
      assertThat(status.path("exitCode").asInt()).isEqualTo(7);
      assertThat(status.path("reason").asString()).isEqualTo("Error");
      assertThat(Files.readAllLines(files.log("main")))
          .extracting(line -> line.substring(line.indexOf(' ') + 1))
          .containsExactlyInAnyOrder("stdout F out", "stderr F err");
    }
  }

  static void awaitLine(Crictl crictl, String container, String line) {
    Eventually.holds(
        Duration.ofMinutes(1),
        () -> crictl.run("logs", container).contains(line),
        () -> "the log has no line: " + line);
  }

  static void awaitState(Crictl crictl, String container, String state) {
    Eventually.holds(
        Duration.ofMinutes(1),
        () -> state(crictl, container).equals(state),
        () -> container + " is " + state(crictl, container) + ", not " + state);
  }

  private static String state(Crictl crictl, String container) {
    return crictl.json("inspect", container).at("/status/state").asString();
  }
}
