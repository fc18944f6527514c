package io.crij.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.Crictl;
import io.crij.e2e.program.Eventually;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Images that pods bring passwords for, and what the node tells of itself. */
@Tag("kubernetes")
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class ImagesAndConditionsKernelTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String HOST = "guarded.test";
  private static final String IMAGE = HOST + "/k8s-staging-cri-tools/test-image-1:latest";
  private static final String UNUSED = "gcr.io/k8s-staging-cri-tools/test-image-2:latest";

  private static final String SUMMARY = "/stats/summary";
  private static final Pattern WORKING_SET =
      Pattern.compile(
          "container_memory_working_set_bytes\\{[^}]*container=\"main\"[^}]*pod=\"shell\"");

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void imagesArePulledWithTheSecretOfTheirPod(PrivateRoot home, Registry registry)
      throws Exception {
    try (Registry guarded = registry.guarded(home.resolve("guarded"));
        Cluster cluster = Cluster.start(home, registry)) {
      Path hosts = Files.createDirectories(home.resolve("certs.d").resolve(HOST));
      Files.writeString(hosts.resolve("hosts.toml"), "server = \"" + guarded.address() + "\"\n");
      Kubectl kubectl = cluster.kubectl();
      secret(kubectl, "right", "correct-horse");
      secret(kubectl, "wrong", "guessed");
      kubectl.apply("guarded.yaml", Map.of("name", "wrong", "secret", "wrong", "image", IMAGE));
      String waits = "jsonpath={.status.containerStatuses[0].state.waiting.reason}=";
      kubectl.await("pod/wrong", waits + "ImagePullBackOff");
      kubectl.apply("guarded.yaml", Map.of("name", "right", "secret", "right", "image", IMAGE));
      kubectl.await("pod/right", "condition=Ready");
      assertThat(kubectl.run("events", "--for=pod/wrong")).contains(HOST).doesNotContain("guessed");
    }
  }

  private static void secret(Kubectl kubectl, String name, String password) {
    kubectl.run(
        "create",
        "secret",
        "docker-registry",
        name,
        "--docker-server=" + HOST,
        "--docker-username=jane",
        "--docker-password=" + password);
  }

  /** A kubelet that finds too little room on the disk, whatever there is. */
  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void theKubeletMakesRoomWhenTheDiskIsFull(PrivateRoot home, Registry registry) throws Exception {
    try (Cluster cluster = Cluster.start(home, registry)) {
      Kubectl kubectl = cluster.kubectl();
      Crictl crictl = cluster.node().crictl();
      kubectl.apply("shell.yaml");
      kubectl.await("pod/shell", "condition=Ready");
      crictl.run("pull", UNUSED);
      cluster
          .kubelet()
          .restartWith(
              """
              evictionSoft: {nodefs.available: 99.9%}
              evictionSoftGracePeriod: {nodefs.available: 1s}
              evictionMaxPodGracePeriod: 1
              """);
      kubectl.await("node/" + Kubelet.NODE, "condition=DiskPressure");
      kubectl.await("pod/shell", "jsonpath={.status.reason}=Evicted");
      Eventually.holds(
          PATIENCE,
          () -> !crictl.run("images").contains("test-image-2"),
          () -> crictl.run("images"));
      Eventually.holds(
          PATIENCE, () -> crictl.run("ps", "--quiet").isEmpty(), () -> crictl.run("ps"));
    }
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void theNodeTellsWhatItIsAndWhatItsPodsUse(PrivateRoot home, Registry registry) throws Exception {
    try (Cluster cluster = Cluster.start(home, registry)) {
      Kubectl kubectl = cluster.kubectl();
      JsonNode status = kubectl.get("node", Kubelet.NODE).path("status");
      assertThat(conditions(status))
          .containsEntry("Ready", "True")
          .containsEntry("MemoryPressure", "False")
          .containsEntry("DiskPressure", "False")
          .containsEntry("PIDPressure", "False");
      assertThat(status.at("/nodeInfo/containerRuntimeVersion").asString()).startsWith("crij://");
      assertThat(status.at("/features/supplementalGroupsPolicy").asBoolean()).isTrue();
      assertThat(userNamespaces(status)).containsEntry("runc", true).containsEntry("old", false);

      kubectl.apply("shell.yaml");
      kubectl.await("pod/shell", "condition=Ready");
      tellsOfUse(cluster.kubelet());
    }
  }

  /** As `kubectl top`, which needs one more server, and Prometheus read it. */
  private static void tellsOfUse(Kubelet kubelet) {
    Eventually.holds(
        PATIENCE,
        () -> usage(kubelet).at("/cpu/usageNanoCores").isNumber(),
        () -> kubelet.page(SUMMARY));
    JsonNode pod = usage(kubelet);
    assertThat(pod.at("/cpu/usageCoreNanoSeconds").asLong()).isPositive();
    assertThat(pod.at("/memory/workingSetBytes").asLong()).isPositive();
    assertThat(pod.at("/process_stats/process_count").asLong()).isGreaterThanOrEqualTo(2);
    assertThat(pod.at("/network/name").asString()).isEqualTo("eth0");
    assertThat(pod.path("containers"))
        .hasSize(2)
        .allSatisfy(container -> {
          assertThat(container.at("/cpu/usageCoreNanoSeconds").asLong()).isPositive();
          assertThat(container.at("/memory/workingSetBytes").asLong()).isPositive();
        });
    for (String page : List.of("/metrics/resource", "/metrics/cadvisor")) {
      assertThat(kubelet.page(page)).as(page).containsPattern(WORKING_SET);
    }
  }

  private static JsonNode usage(Kubelet kubelet) {
    JsonNode summary = JSON.readTree(kubelet.page(SUMMARY));
    for (JsonNode pod : summary.path("pods")) {
      if (pod.at("/podRef/name").asString().equals("shell")) {
        return pod;
      }
    }
    return summary.path("none");
  }

  private static Map<String, String> conditions(JsonNode status) {
    Map<String, String> conditions = new HashMap<>();
    for (JsonNode condition : status.path("conditions")) {
      conditions.put(condition.path("type").asString(), condition.path("status").asString());
    }
    return conditions;
  }

  private static Map<String, Boolean> userNamespaces(JsonNode status) {
    Map<String, Boolean> handlers = new HashMap<>();
    for (JsonNode handler : status.path("runtimeHandlers")) {
      handlers.put(
          handler.path("name").asString(), handler.at("/features/userNamespaces").asBoolean(false));
    }
    return handlers;
  }
}
