package io.crij.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.program.Command;
import io.crij.e2e.program.Eventually;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** What a pod finds around it: volumes, networks, users. */
@Tag("kubernetes")
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class PodSurroundingsKernelTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String PORT_START = "net.ipv4.ip_unprivileged_port_start";

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void volumesHoldWhatTheyShould(PrivateRoot home, Registry registry) throws Exception {
    Path folder = Files.createDirectory(home.resolve("folder"));
    Files.writeString(folder.resolve("here"), "the node's\n");
    try (Cluster cluster = Cluster.start(home, registry)) {
      Kubectl kubectl = cluster.kubectl();
      kubectl.apply("volumes.yaml", Map.of("folder", folder.toString()));
      kubectl.await("pod/volumes", "condition=Ready");
      assertThat(inside(kubectl, "volumes", "echo $COLOUR $PASSWORD")).isEqualTo("blue hidden");
      assertThat(inside(kubectl, "volumes", "cat /settings/shape /etc/colour /keys/password"))
          .isEqualTo("roundbluehidden");
      assertThat(inside(kubectl, "volumes", "stat -L -c %a /keys/password")).isEqualTo("400");
      assertThat(inside(kubectl, "volumes", "cat /all/form /all/password /all/labels"))
          .isEqualTo("roundhiddenteam=\"one\"");
      assertThat(inside(kubectl, "volumes", "cut -d. -f1 /all/token | base64 -d 2>/dev/null; true"))
          .contains("RS256");
      assertThat(inside(kubectl, "volumes", "cat /sub/file; touch /sub/no 2>&1 || true"))
          .startsWith("from the first\n")
          .contains("Read-only file system");
      assertThat(inside(kubectl, "volumes", "mount | grep ' /memory '")).contains("tmpfs", "4096k");
      assertThat(inside(kubectl, "volumes", "cat /node/here; echo x > /node/new"))
          .isEqualTo("the node's");
      assertThat(folder.resolve("new")).hasContent("x\n");
      // Of an image there are the files, which cannot be executed or changed.
      String uses = "cmp /image/bin/busybox /bin/busybox; /image/bin/busybox; touch /image/x";
      assertThat(inside(kubectl, "volumes", "{ " + uses + "; } 2>&1; true"))
          .contains("Permission denied", "Read-only file system")
          .doesNotContain("differ");

      // A change reaches a volume, but not a part of one.
      kubectl.run("patch", "configmap", "settings", "--patch", "{\"data\":{\"colour\":\"red\"}}");
      Eventually.holds(
          PATIENCE,
          () -> inside(kubectl, "volumes", "cat /settings/colour").equals("red"),
          () -> inside(kubectl, "volumes", "cat /settings/colour"));
      assertThat(inside(kubectl, "volumes", "cat /etc/colour")).isEqualTo("blue");
    }
  }

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

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void handlersAndUsersAreThoseAskedFor(PrivateRoot home, Registry registry) throws Exception {
    try (Cluster cluster = Cluster.start(home, registry)) {
      Kubectl kubectl = cluster.kubectl();
      kubectl.apply("handlers.yaml");
      kubectl.await("pod/other-handler", "condition=Ready");
      kubectl.await("pod/own-users", "condition=Ready");
      JsonNode pods = cluster.node().crictl().json("pods", "--name", "other-handler", "-o", "json");
      assertThat(pods.at("/items/0/runtimeHandler").asString())
          .as(pods.toString())
          .isEqualTo("old");
      Eventually.holds(
          PATIENCE,
          () -> kubectl.run("events", "--for=pod/unknown-handler").contains("\"unknown\""),
          () -> kubectl.run("events", "--for=pod/unknown-handler"));

      String root = inside(kubectl, "own-users", "tr -s ' ' < /proc/self/uid_map").strip();
      assertThat(root).startsWith("0 ").endsWith(" 65536").doesNotStartWith("0 0 ");
      assertThat(inside(kubectl, "own-users", "id -u; touch /disk/x; stat -c %u /disk/x /bin"))
          .isEqualTo("0\n0\n0");
    }
  }

  private static String inside(Kubectl kubectl, String pod, String script) {
    return kubectl.run("exec", pod, "--", "sh", "-c", script);
  }
}
