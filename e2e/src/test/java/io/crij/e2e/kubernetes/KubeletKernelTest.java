package io.crij.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.Crictl;
import io.crij.e2e.node.Node;
import io.crij.e2e.program.Eventually;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A real kubelet alone, which runs the pods of manifests in a folder. */
@Tag("kubernetes")
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class KubeletKernelTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void staticPodsEndOrStay(PrivateRoot home, Registry registry) throws Exception {
    try (Begun begun = new Begun()) {
      begun.add(KernelSettings.read());
      CgroupRoot cgroups = CgroupRoot.create(home);
      begun.add(cgroups);
      Node node = Node.start(home, registry);
      begun.add(node::close);
      Kubelet kubelet = Kubelet.startAlone(home, node.endpoint(), cgroups);
      begun.add(kubelet);

      kubelet.addStaticPod("job.yaml");
      kubelet.addStaticPod("stays.yaml");
      String job = container(node.crictl(), "job-localhost", "Exited");
      assertThat(node.crictl().json("inspect", job).at("/status/exitCode").asInt(-1)).isZero();
      assertThat(node.crictl().run("logs", job)).isEqualTo("done by job-localhost");
      String stays = container(node.crictl(), "stays-localhost", "Running");
      assertThat(cgroup(node.crictl(), stays)).contains(cgroups.name() + "/kubepods/pod");

      node.killDaemon();
      node.startDaemon();
      kubelet.kill();
      kubelet.start();
      // After these both know of it again, a pod that is new runs too.
      kubelet.removeStaticPod("job.yaml");
      awaitNone(node.crictl(), "job-localhost");
      assertThat(container(node.crictl(), "stays-localhost", "Running")).isEqualTo(stays);

      // The kubelet removes the log with the pod.
      Path log = home.resolve("stays.log");
      Files.createLink(log, log(kubelet, "default_stays-localhost"));
      kubelet.removeStaticPod("stays.yaml");
      awaitNone(node.crictl(), "stays-localhost");
      assertThat(Files.readAllLines(log))
          .extracting(line -> line.substring(line.indexOf(' ') + 1))
          .containsExactly("stdout F begun", "stdout F asked to end");
      Eventually.holds(PATIENCE, () -> kubelet.pods().isEmpty(), () -> kubelet.pods().toString());
    }
  }

  /** The id of a pod's only container, once it is in a state. */
  private static String container(Crictl crictl, String pod, String state) {
    String[] list = {
      "ps", "--all", "--quiet", "--no-trunc", "--state", state, "--label", label(pod)
    };
    Eventually.holds(
        PATIENCE, () -> !crictl.run(list).isEmpty(), () -> pod + ": " + crictl.run("ps", "--all"));
    assertThat(crictl.run("ps", "--all", "--quiet", "--label", label(pod)).lines()).hasSize(1);
    return crictl.run(list);
  }

  private static void awaitNone(Crictl crictl, String pod) {
    Eventually.holds(
        PATIENCE,
        () -> crictl.run("pods", "--quiet", "--label", label(pod)).isEmpty(),
        () -> crictl.run("pods") + "\n" + crictl.run("ps", "--all"));
  }

  private static String label(String pod) {
    return "io.kubernetes.pod.name=" + pod;
  }

  private static String cgroup(Crictl crictl, String container) throws IOException {
    String pid = crictl.json("inspect", container).at("/info/pid").asString();
    return Files.readString(Path.of("/proc", pid, "cgroup"));
  }

  private static Path log(Kubelet kubelet, String pod) {
    try (Stream<Path> files = Files.walk(kubelet.podLogs())) {
      List<Path> found =
          files
              .filter(file -> file.toString().contains("/" + pod + "_"))
              .filter(file -> file.toString().endsWith("/main/0.log"))
              .toList();
      assertThat(found).hasSize(1);
      return found.getFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
