package io.crij.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.Crictl;
import io.crij.e2e.node.Node;
import io.crij.e2e.program.Eventually;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A kubelet that is told of its containers and lists them but every five minutes (KEP-3386). */
@Tag("kubernetes")
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class EventedKubeletKernelTest {
  /** Less than the kubelet takes to look by itself; it waits between two crashes. */
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private static final String POD = "io.kubernetes.pod.name=crashing-localhost";

  @Test
  @Timeout(value = 12, unit = TimeUnit.MINUTES)
  void aCrashIsHeardOf(PrivateRoot home, Registry registry) throws Exception {
    try (Begun begun = new Begun()) {
      begun.add(KernelSettings.read());
      CgroupRoot cgroups = CgroupRoot.create(home);
      begun.add(cgroups);
      Node node = Node.start(home, registry);
      begun.add(node::close);
      Kubelet kubelet =
          Kubelet.startAlone(
              home, node.endpoint(), cgroups, "--feature-gates=EventedPLEG=true", "--v=4");
      begun.add(kubelet);

      kubelet.addStaticPod("crashing.yaml");
      Eventually.holds(
          PATIENCE,
          () -> runs(node.crictl()).contains("run 3"),
          () -> node.crictl().run("ps", "--all") + "\n" + node.log());
      assertThat(kubelet.log())
          .contains("Evented PLEG: Generated pod status from the received event")
          .doesNotContain("Fall back to Generic PLEG");

      kubelet.removeStaticPod("crashing.yaml");
      Eventually.holds(
          PATIENCE,
          () -> node.stateOfPods().isEmpty() && kubelet.pods().isEmpty(),
          () -> node.crictl().run("pods") + "\n" + kubelet.pods());
    }
  }

  /** What the container has written that runs now. */
  private static String runs(Crictl crictl) {
    String[] list = {"ps", "--quiet", "--no-trunc", "--state", "Running", "--label", POD};
    String container = crictl.run(list);
    return container.isEmpty() ? "" : crictl.attempt("logs", container).output();
  }
}
