package io.crij.runtime.pod;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.PodSandboxConfig;
import io.crij.cri.v1.Protocol;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.ServiceException;
import io.crij.runtime.sandbox.Sandbox;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Ports of the node that lead to pods of a network without portmap plugin. */
@Tag("root")
@Timeout(180)
@ExtendWith(LeavesNoTrace.class)
class HostPortsKernelTest extends NodeWithPorts {
  @Test
  void portsLeadToThePodFromEverywhereUntilItStops() throws Exception {
    useBridge(false);
    String id =
        runServer(
            PodNode.pod("web")
                .addPortMappings(mapping(Protocol.TCP, 8080, 80))
                .addPortMappings(mapping(Protocol.UDP, 5353, 53))
                .addPortMappings(mapping(Protocol.SCTP, 3868, 3868)));
    String other = node.run(PodNode.pod("neighbour"));

    for (String target : List.of("tcp 127.0.0.1 8080", "udp 127.0.0.1 5353")) {
      assertThat(node.onHost(ask(target))).as(target).isEqualTo("hello 10.88.7.1");
    }
    for (String target :
        List.of("tcp 10.88.7.1 8080", "tcp 192.0.2.1 8080", "udp 192.0.2.1 5353")) {
      assertThat(node.onHost(ask(target))).as(target).startsWith("hello ");
      assertThat(node.inPod(other, ask(target))).as("neighbour: " + target).startsWith("hello ");
      assertThat(node.inPod(id, ask(target))).as("itself: " + target).startsWith("hello ");
    }
    assertThat(answer("tcp fd88:7::1 8080")).startsWith("hello fd88:7::");
    assertThat(answer("tcp ::1 8080")).isEqualTo("hello fd88:7::1");
    assertThat(answer("udp ::1 5353")).isEqualTo("hello fd88:7::1");
    assertThat(inOutside(ask("tcp 192.0.2.1 8080"))).isEqualTo("hello 192.0.2.2");
    assertThat(inOutside(ask("udp 192.0.2.1 5353"))).isEqualTo("hello 192.0.2.2");
    assertThat(node.onHost("nft list ruleset inet")).contains("sctp dport 3868 dnat ip to");

    node.stop(id);
    assertThat(tables()).isEmpty();
    assertThat(node.onHost(askInVain("tcp 10.88.7.1 8080"))).isEmpty();
    assertThat(listening()).isEmpty();
    node.remove(id);
    node.remove(other);
  }

  /** By packets made by hand: the node's kernel may know SCTP only as something to translate. */
  @Test
  void portsOfSctpLeadToThePod() throws Exception {
    String sctp =
        Path.of(Objects.requireNonNull(getClass().getResource("sctp.pl")).toURI()).toString();
    String ask = "perl " + sctp + " ask 192.0.2.1 3868 %d";
    for (boolean portmap : List.of(false, true)) {
      useBridge(portmap);
      String id =
          runServer(
              PodNode.pod("diameter").addPortMappings(mapping(Protocol.SCTP, 3868, 38)),
              sctp,
              "answer",
              "38");

      assertThat(inOutside(ask.formatted(60))).isEqualTo("hello 192.0.2.2 at 192.0.2.1:3868");

      node.stop(id);
      assertThat(inOutside(ask.formatted(2))).isEmpty();
      node.remove(id);
    }
  }

  /** Somebody who sends from one port all the time is known as a flow, and goes where it went. */
  @Test
  void aFlowThatBeganBeforeThePodReachesItAndIsNotLedToItAfterwards() throws Exception {
    useBridge(false);
    node.onHost(
        "nft 'add table ip seen; add chain ip seen flows { type filter hook input priority 0; ct state new accept; }'");
    String flow = "perl " + client + " udp 192.0.2.1 5353 %s 4000";
    assertThat(inOutside(flow.formatted("2"))).isEmpty();
    String id = runServer(PodNode.pod("dns").addPortMappings(mapping(Protocol.UDP, 5353, 53)));
    assertThat(inOutside(flow.formatted("60"))).isEqualTo("hello 192.0.2.2");

    node.stop(id);
    String second = runServer(PodNode.pod("new").addPortMappings(mapping(Protocol.UDP, 5353, 53)));
    assertThat(inOutside(flow.formatted("60"))).isEqualTo("hello 192.0.2.2");
    node.onHost("nft delete table ip seen");
    node.remove(id);
    node.remove(second);
  }

  /** The same port of other hosts, and of another address of the node, is not the pod's. */
  @Test
  void onlyFlowsToThePortAreForgottenWhateverTheirZone() throws Exception {
    useBridge(false);
    node.onHost(
        """
        sysctl -qw net.netfilter.nf_conntrack_udp_timeout=600
        ip addr add 192.0.2.3/24 dev lan
        nft 'add table ip seen
          add chain ip seen flows { type filter hook input priority 0; ct state new accept; }
          add chain ip seen zones { type filter hook prerouting priority -300; }
          add rule ip seen zones udp dport 5355 ct zone set 7'
        """);
    String send = "bash -c 'for to in %s; do echo ? > /dev/udp/$to; done'";
    node.onHost(send.formatted("192.0.2.2/5353"));
    inOutside(send.formatted("192.0.2.1/5353 192.0.2.1/5354 192.0.2.3/5354 192.0.2.1/5355"));
    await("the flows", () -> flows().size() == 5);

    String id =
        node.run(
            PodNode.pod("dns")
                .addPortMappings(mapping(Protocol.UDP, 5353, 53))
                .addPortMappings(mapping(Protocol.UDP, 5354, 54).setHostIp("192.0.2.1"))
                .addPortMappings(mapping(Protocol.UDP, 5355, 55)));

    assertThat(flows())
        .containsExactlyInAnyOrder("dst=192.0.2.2 dport=5353", "dst=192.0.2.3 dport=5354");
    node.onHost("nft delete table ip seen");
    node.remove(id);
  }

  private List<String> flows() throws Exception {
    return node.onHost("awk '$3 == \"udp\" && $9 ~ /=535/ { print $7, $9 }' /proc/net/nf_conntrack")
        .lines()
        .toList();
  }

  /** CVE-2020-8558: what the node says to itself is not for its pods. */
  @Test
  void aPortOfOneAddressIsNotOpenAtOthers() throws Exception {
    useBridge(false);
    String id =
        runServer(
            PodNode.pod("web")
                .addPortMappings(mapping(Protocol.TCP, 8080, 80).setHostIp("127.0.0.1"))
                .addPortMappings(mapping(Protocol.TCP, 8081, 80).setHostIp("192.0.2.1"))
                .addPortMappings(mapping(Protocol.TCP, 8082, 80).setHostIp("::"))
                .addPortMappings(mapping(Protocol.TCP, 8083, 80).setHostIp("0.0.0.0"))
                .addPortMappings(mapping(Protocol.TCP, 8084, 80).setHostIp("::1")));

    assertThat(node.onHost(ask("tcp 127.0.0.1 8080"))).startsWith("hello");
    assertThat(node.onHost(askInVain("tcp 192.0.2.1 8080"))).isEmpty();
    assertThat(inOutside(askInVain("tcp 192.0.2.1 8080"))).isEmpty();
    assertThat(inOutside(ask("tcp 192.0.2.1 8081"))).startsWith("hello");
    assertThat(node.onHost(askInVain("tcp 127.0.0.1 8081"))).isEmpty();
    assertThat(answer("tcp fd88:7::1 8082")).startsWith("hello");
    assertThat(inOutside(askInVain("tcp 192.0.2.1 8082"))).isEmpty();
    assertThat(inOutside(ask("tcp 192.0.2.1 8083"))).startsWith("hello");
    assertThat(answer("tcp ::1 8082")).startsWith("hello");
    assertThat(answer("tcp ::1 8084")).startsWith("hello");
    assertThat(node.onHost(askInVain("tcp fd88:7::1 8084"))).isEmpty();
    assertThat(listening()).containsExactly("[::1]:8082", "[::1]:8084");

    String listener =
        "perl -MIO::Socket::IP -e '$| = 1; my $s = IO::Socket::IP->new(LocalHost"
            + " => \"127.0.0.1\", LocalPort => 99, Listen => 9); print \"ready\\n\";"
            + " while (my $c = $s->accept) { print $c \"secret\\n\"; close $c }'";
    Process own =
        new ProcessBuilder("nsenter", "--net=" + node.hostNetwork, "sh", "-c", "exec " + listener)
            .start();
    servers.add(own);
    assertThat(own.inputReader().readLine()).isEqualTo("ready");
    assertThat(node.onHost(ask("tcp 127.0.0.1 99"))).isEqualTo("secret");
    assertThat(
            node.inPod(
                id,
                "ip addr del 127.0.0.1/8 dev lo; ip route del local 127.0.0.0/8 table local;"
                    + " sysctl -qw net.ipv4.conf.all.route_localnet=1;"
                    + " ip route add 127.0.0.1 via 10.88.7.1 || true; "
                    + askInVain("tcp 127.0.0.1 99")))
        .doesNotContain("secret");
    node.remove(id);
  }

  @Test
  void aPortThatLeadsToAnotherPodIsRefusedUntilThatStops() throws Exception {
    for (boolean portmap : List.of(false, true)) {
      useBridge(portmap);
      PodSandboxConfig.Builder second =
          PodNode.pod("second")
              .addPortMappings(mapping(Protocol.TCP, 8080, 81).setHostIp("192.0.2.1"));
      String first =
          node.run(PodNode.pod("first").addPortMappings(mapping(Protocol.TCP, 8080, 80)));

      assertThatThrownBy(() -> node.run(second))
          .isInstanceOf(ServiceException.FailedPrecondition.class)
          .hasMessageContaining("TCP port 8080 of 192.0.2.1")
          .hasMessageContaining(first);
      assertThat(node.list()).hasSize(1);
      assertThat(node.runroot.resolve("sandboxes")).isDirectoryContaining(f -> f.endsWith(first));
      node.remove(node.run(PodNode.pod("other").addPortMappings(mapping(Protocol.UDP, 8080, 80))));

      node.stop(first);
      node.remove(node.run(second));
      node.remove(first);
    }
  }

  @Test
  void ofPodsThatWantAPortAtTheSameTimeOneHasIt() throws Exception {
    useBridge(false);
    List<Future<String>> pods = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 4; i++) {
        PodSandboxConfig.Builder config =
            PodNode.pod("web" + i).addPortMappings(mapping(Protocol.TCP, 8080, 80));
        pods.add(threads.submit(() -> node.run(config)));
      }
    }
    assertThat(pods.stream().filter(pod -> pod.state() == Future.State.SUCCESS)).hasSize(1);
    for (Future<String> pod : pods) {
      if (pod.state() == Future.State.SUCCESS) {
        node.remove(pod.get());
      } else {
        assertThat(pod.exceptionNow()).isInstanceOf(ServiceException.FailedPrecondition.class);
      }
    }
  }

  @Test
  void whatACrashLeftIsClosedAndWhatWasFlushedIsOpenedAgain() throws Exception {
    useBridge(false);
    String id = runServer(PodNode.pod("web").addPortMappings(mapping(Protocol.TCP, 8080, 80)));
    String mine = tables();
    String stale = mine.replace(id, "f".repeat(64));
    node.onHost("nft flush ruleset; nft add " + stale + "; nft add table inet others");

    node.restart();

    await(() -> tables().equals("table inet others\n" + mine));
    assertThat(node.onHost(ask("tcp 127.0.0.1 8080"))).startsWith("hello");
    node.onHost("nft delete table inet others");
    node.remove(id);
  }

  @Test
  void aPodWhoseAddressesCannotBeReadKeepsTheOthersPortsFromNothing() throws Exception {
    useBridge(false);
    node.run(PodNode.pod("one").addPortMappings(mapping(Protocol.TCP, 8080, 80)));
    node.run(PodNode.pod("two").addPortMappings(mapping(Protocol.TCP, 8081, 80)));
    List<String> ids = node.sandboxes.all().stream().map(Sandbox::id).toList();
    // That whose turn is first.
    setNetworkResult(ids.getFirst(), "{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"x\"}]}");
    node.onHost("nft flush ruleset");

    node.restart();

    assertThat(node.sandboxes.all()).extracting(Sandbox::id).containsExactlyElementsOf(ids);
    await(() -> tables().contains(ids.getLast()));
    assertThat(tables()).doesNotContain(ids.getFirst());
    ids.forEach(node::remove);
  }

  /** As if the plugins had said something else when the pod was attached. */
  private void setNetworkResult(String sandboxId, String result) {
    int updated =
        node.database.write(connection -> {
          try (PreparedStatement update =
              connection.prepareStatement(
                  "UPDATE network_results SET result = ? WHERE sandbox_id = ?")) {
            update.setString(1, result);
            update.setString(2, sandboxId);
            return update.executeUpdate();
          }
        });
    assertThat(updated).isEqualTo(1);
  }
}
