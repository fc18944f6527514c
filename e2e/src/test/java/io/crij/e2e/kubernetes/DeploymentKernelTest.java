package io.crij.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.Node;
import io.crij.e2e.program.Command;
import io.crij.e2e.program.Eventually;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A deployment with probes: rolled out, scaled and rolled back; and what its node goes through. */
@Tag("kubernetes")
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class DeploymentKernelTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String CONTAINERS =
      "jsonpath={range .items[*].status.containerStatuses[*]}{.containerID} {.restartCount}\n{end}";

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void isRolledOutScaledAndRolledBack(PrivateRoot home, Registry registry) throws Exception {
    try (Cluster cluster = Cluster.start(home, registry)) {
      Kubectl kubectl = cluster.kubectl();
      rollOut(kubectl, "one");
      assertThat(pages(kubectl)).containsExactly("one", "one");
      kubectl.run("scale", "deployment/web", "--replicas=4");
      awaitRollout(kubectl);
      assertThat(pages(kubectl)).containsExactly("one", "one", "one", "one");

      rollOut(kubectl, "two");
      assertThat(pages(kubectl)).containsOnly("two").hasSize(2);
      kubectl.run("rollout", "undo", "deployment/web");
      awaitRollout(kubectl);
      assertThat(pages(kubectl)).containsOnly("one");
      assertThat(containers(kubectl)).allSatisfy(line -> assertThat(line).endsWith(" 0"));
    }
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void aProbeRestartsOrTakesOutOfService(PrivateRoot home, Registry registry) throws Exception {
    try (Cluster cluster = Cluster.start(home, registry)) {
      Kubectl kubectl = cluster.kubectl();
      kubectl.apply("probed.yaml");
      kubectl.await("pod/probed", "condition=Ready");

      kubectl.run("exec", "probed", "--container=ready", "--", "rm", "/tmp/ready");
      kubectl.await("pod/probed", "condition=Ready=false");
      kubectl.run("exec", "probed", "--container=ready", "--", "touch", "/tmp/ready");
      kubectl.await("pod/probed", "condition=Ready");

      kubectl.run("exec", "probed", "--container=alive", "--", "rm", "/tmp/alive");
      kubectl.await("pod/probed", restarts("alive", 1));
      kubectl.await("pod/probed", "condition=Ready");
      kubectl.await("pod/probed", restarts("ready", 0));
    }
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void runsOnWhenThePartsOfItsNodeDie(PrivateRoot home, Registry registry) throws Exception {
    try (Cluster cluster = Cluster.start(home, registry)) {
      Kubectl kubectl = cluster.kubectl();
      Node node = cluster.node();
      rollOut(kubectl, "one");
      List<String> before = containers(kubectl);

      Process visitor = visit(kubectl);
      node.killDaemon();
      assertFails(visitor);
      node.startDaemon();
      node.killMonitor();
      cluster.kubelet().kill();
      cluster.kubelet().start();
      // A pod that is new shows that the three know of each other again.
      kubectl.apply("job.yaml");
      kubectl.await("pod/job", "jsonpath={.status.phase}=Succeeded");
      kubectl.run("delete", "pod", "job");
      kubectl.await("node/" + Kubelet.NODE, "condition=Ready");
      awaitRollout(kubectl);
      assertThat(containers(kubectl)).containsExactlyElementsOf(before);
      assertThat(pages(kubectl)).containsExactly("one", "one");
    }
  }

  /** Someone in a container, until he is cut off. */
  private static Process visit(Kubectl kubectl) throws IOException {
    String exec = kubectl.line("exec", "-i", "deployment/web", "--", "cat");
    Process visitor = new ProcessBuilder("bash", "-c", "exec " + exec).start();
    visitor.outputWriter(StandardCharsets.UTF_8).append("still here\n").flush();
    assertThat(visitor.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("still here");
    return visitor;
  }

  /** Nobody knows how his command ended, so he must not be told of a success. */
  private static void assertFails(Process visitor) throws Exception {
    try {
      assertThat(visitor.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(visitor.errorReader(StandardCharsets.UTF_8).readAllLines()).isNotEmpty();
      assertThat(visitor.exitValue()).isNotZero();
    } finally {
      visitor.destroyForcibly().waitFor();
    }
  }

  private static void rollOut(Kubectl kubectl, String version) throws Exception {
    kubectl.apply("web.yaml", Map.of("version", version));
    awaitRollout(kubectl);
  }

  private static void awaitRollout(Kubectl kubectl) {
    kubectl.run("rollout", "status", "deployment/web", "--timeout=120s");
    // Pods of the version before are then being ended, and still there.
    Eventually.holds(
        PATIENCE,
        () -> kubectl.get("deployment", "web").at("/spec/replicas").asInt() == ips(kubectl).size(),
        () -> kubectl.run("get", "pods", "--output=wide"));
  }

  private static String restarts(String container, int count) {
    return "jsonpath={.status.containerStatuses[?(@.name==\"%s\")].restartCount}=%d"
        .formatted(container, count);
  }

  private static List<String> containers(Kubectl kubectl) {
    return kubectl.run("get", "pods", "--output", CONTAINERS).lines().sorted().toList();
  }

  private static List<String> ips(Kubectl kubectl) {
    String addresses = "jsonpath={range .items[*]}{.status.podIP}\n{end}";
    return kubectl.run("get", "pods", "--output", addresses).lines().toList();
  }

  /** What each pod answers to the node. */
  private static List<String> pages(Kubectl kubectl) {
    return ips(kubectl).stream()
        .map(ip -> Command.of("busybox", "wget", "-q", "-O", "-", "http://" + ip).run().output())
        .map(String::strip)
        .toList();
  }
}
