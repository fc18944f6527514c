package io.crij.e2e;

import io.crij.e2e.node.Crictl;
import io.crij.e2e.node.Node;
import io.crij.e2e.node.RunningPod;
import io.crij.e2e.program.Command;
import io.crij.e2e.program.Eventually;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import io.crij.linux.testing.Soak;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Crijd and the monitor are no bigger after thousands of streams, most of which ended badly. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class StreamsSoakKernelTest {
  private static final String IMAGE = "docker.io/library/busybox:latest";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int AT_A_TIME = 4;

  @Test
  @Timeout(value = 5, unit = TimeUnit.HOURS)
  void nothingIsLeftOfStreams(PrivateRoot home, Registry registry) throws Exception {
    try (Node node = Node.start(home, registry)) {
      Crictl crictl = node.crictl();
      RunningPod pod = RunningPod.run(node, "soak", IMAGE);
      String container = pod.start("sleep", "100000");
      String[] rounds = rounds(crictl, pod.id(), container);
      Soak.of(node.daemonProcess().pid(), node.monitor().pid())
          .inParallel(AT_A_TIME)
          .run(10_000, round -> Command.of("bash", "-c", rounds[round % rounds.length]).attempt());
      Eventually.holds(
          PATIENCE,
          () -> !crictl.run("exec", "--sync", container, "ps").contains("333"),
          () -> crictl.run("exec", "--sync", container, "ps"));
    }
  }

  /**
   * A command that ends, one that is not there, on a terminal, and clients of exec, attach and
   * port-forward that are killed.
   */
  private static String[] rounds(Crictl crictl, String pod, String container) {
    String killed = "timeout -s KILL 0.5 ";
    return new String[] {
      crictl.line("exec", container, "true"),
      "script -qec '" + crictl.line("exec", "-it", container, "nosuch") + "' /dev/null",
      killed + crictl.line("exec", container, "sleep", "333"),
      killed + crictl.line("attach", container),
      killed + crictl.line("port-forward", "--transport", "websocket", pod, ":8080"),
    };
  }
}
