package io.crij.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Pods of several containers, from their first word to their last. */
@Tag("kubernetes")
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class PodLifeKernelTest {
  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void containersBeginAndEndInTheirOrder(PrivateRoot home, Registry registry) throws Exception {
    Path diary = Files.createDirectory(home.resolve("diary"));
    try (Cluster cluster = Cluster.start(home, registry)) {
      Kubectl kubectl = cluster.kubectl();
      kubectl.apply("life.yaml", Map.of("folder", diary.toString()));
      kubectl.await("pod/life", "condition=Ready");
      debugs(kubectl);
      kubectl.run("delete", "pod", "life", "--timeout=120s");
      assertThat(diary.resolve("words")).content().satisfies(PodLifeKernelTest::areInOrder);
    }
  }

  /** The main program waits for the hook after its start: the two have no order otherwise. */
  private static void areInOrder(String words) {
    assertThat(words.lines())
        .containsExactly(
            "first",
            "sidecar",
            "second",
            "after start",
            "main",
            "before stop",
            "main ends",
            "sidecar ends");
  }

  private static void debugs(Kubectl kubectl) {
    String[] debug = {
      "debug",
      "life",
      "--container=visitor",
      "--image=busybox",
      "--target=main",
      "--",
      "sh",
      "-c",
      "ps; cat /proc/1/root/tmp/hooked && echo sees its files"
    };
    kubectl.run(debug);
    kubectl.await(
        "pod/life",
        "jsonpath={.status.ephemeralContainerStatuses[0].state.terminated.reason}=Completed");
    // What the main container runs, and nothing of its sidecar.
    assertThat(kubectl.run("logs", "life", "--container=visitor"))
        .contains("main ends", "sees its files")
        .doesNotContain("sidecar");
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void lastWordsReachTheStatus(PrivateRoot home, Registry registry) throws Exception {
    try (Cluster cluster = Cluster.start(home, registry)) {
      Kubectl kubectl = cluster.kubectl();
      kubectl.apply("words.yaml");
      kubectl.await("pod/words", "jsonpath={.status.phase}=Failed");
      assertThat(end(kubectl, "words", "file")).contains("5 Error in a file");
      assertThat(end(kubectl, "words", "log")).contains("6 Error in the log");
    }
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void limitsHoldAndCanBeChanged(PrivateRoot home, Registry registry) throws Exception {
    try (Cluster cluster = Cluster.start(home, registry)) {
      Kubectl kubectl = cluster.kubectl();
      kubectl.apply("memory.yaml");
      String greedy = "jsonpath={.status.containerStatuses[?(@.name==\"greedy\")]";
      kubectl.await("pod/memory", greedy + ".state.terminated.reason}=OOMKilled");
      assertThat(end(kubectl, "memory", "greedy")).contains("137 OOMKilled");
      assertThat(limit(kubectl)).isEqualTo(64L << 20);

      String resources =
          """
          {"spec": {"containers": [{"name": "limited", "resources": {"limits": {"memory": "96Mi"}}}]}}
          """;
      kubectl.run("patch", "pod", "memory", "--subresource=resize", "--patch", resources);
      String limited = "jsonpath={.status.containerStatuses[?(@.name==\"limited\")]";
      kubectl.await("pod/memory", limited + ".resources.limits.memory}=96Mi");
      assertThat(limit(kubectl)).isEqualTo(96L << 20);
      kubectl.await("pod/memory", limited + ".restartCount}=0");
    }
  }

  private static long limit(Kubectl kubectl) {
    String script =
        "cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null"
            + " || cat /sys/fs/cgroup/memory.max";
    return Long.parseLong(
        kubectl.run("exec", "memory", "--container=limited", "--", "sh", "-c", script));
  }

  /** Exit code, reason and message of a container that has ended. */
  private static String end(Kubectl kubectl, String pod, String container) {
    for (JsonNode status : kubectl.get("pod", pod).at("/status/containerStatuses")) {
      if (status.path("name").asString().equals(container)) {
        JsonNode end = status.at("/state/terminated");
        return "%d %s %s"
            .formatted(
                end.path("exitCode").asInt(),
                end.path("reason").asString(),
                end.path("message").asString(""));
      }
    }
    throw new AssertionError("no container " + container + " in " + pod);
  }
}
