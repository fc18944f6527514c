package io.crij.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.linux.LinuxException;
import io.crij.linux.namespace.NamespaceRequest;
import io.crij.linux.namespace.NamespaceType;
import io.crij.linux.namespace.Namespaces;
import io.crij.linux.testing.LeavesNoTrace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Interfaces of namespaces that the program is not in. */
@Tag("root")
@ExtendWith(LeavesNoTrace.class)
class RouteSocketKernelTest {
  private static final int MANY = 60;

  @TempDir Path folder;
  private Path namespace;

  @BeforeEach
  void makeNamespace() {
    namespace = folder.resolve("net");
    Namespaces.create(
        new NamespaceRequest(Map.of(NamespaceType.NETWORK, namespace), "", List.of()));
  }

  @AfterEach
  void removeNamespace() {
    Namespaces.unpin(namespace);
  }

  private void inside(String command) throws Exception {
    Process process =
        new ProcessBuilder("nsenter", "--net=" + namespace, "bash", "-ec", command)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private List<NetworkInterface> interfaces() {
    try (RouteSocket route = RouteSocket.open()) {
      return route.interfaces(namespace);
    }
  }

  private NetworkInterface named(String name) {
    return interfaces().stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void whatWentThroughAnInterfaceIsTold() throws Exception {
    inside("ip link add eth0 type veth peer name other; ip link set eth0 up; ip link set other up");
    inside(
        "ip addr add 10.1.2.3/24 dev eth0; ip neigh add 10.1.2.4 lladdr 02:00:00:00:00:01 dev eth0");
    NetworkInterface before = named("eth0");
    inside("for i in 1 2 3; do echo 12345 > /dev/udp/10.1.2.4/9; done");

    NetworkInterface after = named("eth0");

    assertThat(after.isLoopback()).isFalse();
    assertThat(after.sent().packets()).isGreaterThanOrEqualTo(before.sent().packets() + 3);
    assertThat(after.sent().bytes()).isGreaterThanOrEqualTo(before.sent().bytes() + 3 * 46);
    assertThat(after.sent().errors()).isZero();
    NetworkInterface other = named("other");
    assertThat(other.received().bytes()).isGreaterThanOrEqualTo(after.sent().bytes());
    assertThat(named("lo").isLoopback()).isTrue();
  }

  @Test
  void moreInterfacesThanOneAnswerHoldsAreAllTold() throws Exception {
    inside("for i in $(seq " + MANY + "); do echo link add dummy$i type bridge; done | ip -b -");

    assertThat(interfaces()).hasSize(MANY + 1);
  }

  @Test
  void aNamespaceThatIsGoneIsSaidSo() {
    try (RouteSocket route = RouteSocket.open()) {
      assertThatThrownBy(() -> route.interfaces(folder.resolve("none")))
          .isInstanceOf(LinuxException.class)
          .hasMessageContaining("none");
      assertThat(route.interfaces(namespace)).hasSize(1);
    }
  }

  @Test
  void whatIsNoNamespaceIsSaidSo() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    try (RouteSocket route = RouteSocket.open()) {
      assertThatThrownBy(() -> route.interfaces(file))
          .isInstanceOf(LinuxException.class)
          .hasMessageContaining("file");
      assertThat(route.interfaces(namespace)).hasSize(1);
    }
  }
}
