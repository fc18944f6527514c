package io.crij.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.program.Command;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a pod finds around it. */
@Tag("kubernetes")
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class PodSurroundingsKernelTest {
  private static final String PORT_START = "net.ipv4.ip_unprivileged_port_start";

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void networksAreThoseAskedFor(PrivateRoot home, Registry registry) throws Exception {
    int port = Ports.free(1).getFirst();
    try (Cluster cluster = Cluster.start(home, registry)) {
      Kubectl kubectl = cluster.kubectl();
      kubectl.apply("network.yaml", Map.of("port", Integer.toString(port)));
      kubectl.await("pod/on-node", "condition=Ready");
      kubectl.await("pod/with-port", "condition=Ready");
      assertThat(inside(kubectl, "on-node", "ls /sys/class/net")).contains(home.networkName());
      assertThat(inside(kubectl, "on-node", "hostname")).isEqualTo(hostName());
      assertThat(page("http://127.0.0.1:" + port)).contains("Welcome to nginx!");
      assertThat(inside(kubectl, "with-port", "cat /etc/hosts")).contains("192.0.2.7\talias.test");
      assertThat(inside(kubectl, "with-port", "cat /etc/resolv.conf"))
          .contains("nameserver 192.0.2.53", "search pods.test", "options ndots:3");
      assertThat(inside(kubectl, "with-port", "hostname; sysctl -n " + PORT_START))
          .isEqualTo("with-port\n80");
    }
  }

  private static String hostName() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
  }

  private static String page(String url) {
    return Command.of("busybox", "wget", "-q", "-O", "-", url).run().output();
  }

  private static String inside(Kubectl kubectl, String pod, String script) {
    return kubectl.run("exec", pod, "--", "sh", "-c", script);
  }
}
