package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.e2e.node.Node;
import io.crij.e2e.program.Command;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Pods in user namespaces, by a runc that can. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class UserNamespacesKernelTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String IMAGE = "docker.io/library/busybox:latest";
  private static final int HOST_ID = 1_000_000;
  private static final List<Map<String, Object>> MAPPINGS =
      List.of(Map.of("host_id", HOST_ID, "container_id", 0, "length", 65_536));

  private static Map<String, Object> security(int pid) {
    Map<String, Object> user = Map.of("mode", 0, "uids", MAPPINGS, "gids", MAPPINGS);
    return Map.of("namespace_options", Map.of("pid", pid, "userns_options", user));
  }

  private static String pod(PrivateRoot home, String name, int pid) throws IOException {
    return write(
        home.resolve(name + ".json"),
        Map.of(
            "metadata", Map.of("name", name, "namespace", "default", "uid", name, "attempt", 0),
            "hostname", name,
            "log_directory", home.resolve("logs").toString(),
            "linux",
                Map.of(
                    "sysctls",
                    Map.of(
                        "net.ipv4.ip_unprivileged_port_start", "81",
                        "net.ipv4.conf.eth0.arp_ignore", "2"),
                    "security_context",
                    security(pid))));
  }

  private static String container(PrivateRoot home, Path volume, int pid) throws IOException {
    return write(
        home.resolve("container.json"),
        Map.of(
            "metadata", Map.of("name", "c"),
            "image", Map.of("image", IMAGE),
            "command", List.of("sleep", "1000"),
            "working_dir", "/made/for/it",
            "mounts",
                List.of(
                    Map.of(
                        "host_path",
                        volume.toString(),
                        "container_path",
                        "/volume",
                        "uidMappings",
                        MAPPINGS,
                        "gidMappings",
                        MAPPINGS),
                    imageVolume("/image", ""),
                    imageVolume("/programs", "bin")),
            "linux", Map.of("security_context", security(pid))));
  }

  private static Map<String, Object> imageVolume(String path, String subPath) {
    return Map.of(
        "container_path", path,
        "image", Map.of("image", IMAGE),
        "image_sub_path", subPath,
        "uidMappings", MAPPINGS,
        "gidMappings", MAPPINGS);
  }

  private static String write(Path file, Map<String, Object> content) throws IOException {
    return Files.write(file, JSON.writeValueAsBytes(content)).toString();
  }

  private static String shell(Node node, String container, String script) {
    return node.crictl().run("exec", "--sync", container, "sh", "-c", script);
  }

  private static JsonNode features(Node node) {
    return JSON.readTree(node.crictl().run("info")).path("runtimeHandlers");
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void ownersAreThoseOfTheNamespace(PrivateRoot home, Registry registry) throws Exception {
    Path volume = Files.createDirectory(home.resolve("volume"));
    Files.writeString(volume.resolve("roots"), "of the node's root\n");
    try (Node node = Node.startWithNewRunc(home, registry)) {
      assertThat(features(node).toString()).contains("\"user_namespaces\":true");
      node.crictl().run("pull", IMAGE);
      String config = pod(home, "users", 1);
      String pod = node.crictl().run("runp", config);
      String container = node.crictl().run("create", pod, container(home, volume, 1), config);
      node.crictl().run("start", container);

      assertThat(shell(node, container, "cat /proc/self/uid_map").trim().split(" +"))
          .containsExactly("0", Integer.toString(HOST_ID), "65536");
      assertThat(shell(node, container, "id -u; stat -c %u:%g / /bin /made/for/it /volume/roots"))
          .isEqualTo("0\n0:0\n0:0\n0:0\n0:0");
      assertThat(
              shell(
                  node,
                  container,
                  "echo x > /volume/new; echo y > /etc/new; echo z > /dev/shm/z;"
                      + " echo out > /proc/1/fd/1; hostname; cat /proc/sys/net/ipv4/conf/eth0/arp_ignore"
                      + " /proc/sys/net/ipv4/ip_unprivileged_port_start"))
          .isEqualTo("users\n2\n81");
      // Its own streams are the namespace's too, and may be opened again.
      String toStreams = "echo out > /dev/stdout; echo err > /dev/stderr";
      assertThat(shell(node, container, toStreams)).isEqualTo("out");
      assertThat(node.crictl().run("exec", container, "sh", "-c", toStreams)).isEqualTo("out");
      assertThat(
              shell(node, container, "stat -c %u:%g /image /image/bin/sh /programs /programs/sh"))
          .isEqualTo("0:0\n0:0\n0:0\n0:0");
      assertThat(shell(node, container, "touch /image/new 2>&1; cat /image/etc/passwd | head -n 1"))
          .contains("Read-only file system", "root:");
      assertThat(Files.getAttribute(volume.resolve("new"), "unix:uid")).isEqualTo(0);
      JsonNode state = JSON.readTree(node.crictl().run("inspect", container));
      Path process = Path.of("/proc", state.at("/info/pid").asString());
      assertThat(Files.readAllLines(process.resolve("status")))
          .contains("Uid:\t" + HOST_ID + "\t" + HOST_ID + "\t" + HOST_ID + "\t" + HOST_ID);
      assertThat(
              Command.of("nsenter", "--net=" + process.resolve("ns/net"), "ip", "-o", "link")
                  .run()
                  .output())
          .contains("lo: <LOOPBACK,UP", "eth0");
      // Root of the namespace, and not of the node, owns the pod's network.
      assertThat(shell(node, container, "ifconfig eth0 mtu 1300 2>&1; echo $?"))
          .contains("Operation not permitted");
      node.killDaemon();
      node.startDaemon();
      assertThat(shell(node, container, "echo still here")).isEqualTo("still here");
      assertThat(node.crictl().run("pods", "--state", "ready", "--quiet")).isNotEmpty();
    }
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void aSharedPidNamespaceIsOneOfThePodsUserNamespace(PrivateRoot home, Registry registry)
      throws Exception {
    Path volume = Files.createDirectory(home.resolve("volume"));
    try (Node node = Node.startWithNewRunc(home, registry)) {
      node.crictl().run("pull", IMAGE);
      String config = pod(home, "shared", 0);
      String pod = node.crictl().run("runp", config);
      String container = node.crictl().run("create", pod, container(home, volume, 0), config);
      node.crictl().run("start", container);

      assertThat(shell(node, container, "ps")).contains("/pause").contains("sleep 1000");
    }
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void whereTheRuntimeCannotSuchPodsAreRefused(PrivateRoot home, Registry registry)
      throws Exception {
    try (Node node = Node.start(home, registry)) {
      assertThat(features(node).toString()).doesNotContain("\"user_namespaces\":true");
      Command.Outcome outcome = node.crictl().attempt("runp", pod(home, "refused", 1));
      assertThat(outcome.status()).isNotZero();
      assertThat(outcome.errors()).contains("userns_options");
      assertThat(node.stateOfPods()).isEmpty();
    }
  }
}
