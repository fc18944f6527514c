package io.crij.runtime.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.PodSandboxConfig;
import io.crij.cri.v1.Protocol;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.ServiceException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Ports of the node that the monitor forwards, where the kernel cannot translate. */
@Tag("root")
@Timeout(180)
@ExtendWith(LeavesNoTrace.class)
class ForwardedPortsKernelTest extends NodeWithPorts {
  /** As where the kernel was built without nftables, or nft(8) is not installed. */
  @Test
  void whereTheKernelCannotTranslateTheMonitorForwards() throws Exception {
    node.script("nft", "echo 'Error: Could not process rule: Protocol not supported' >&2; exit 1");
    node.restart();
    useBridge(false);
    String id =
        runServer(
            PodNode.pod("web")
                .addPortMappings(mapping(Protocol.TCP, 8080, 80))
                .addPortMappings(mapping(Protocol.TCP, 7, 7).setHostIp("0.0.0.0"))
                .addPortMappings(mapping(Protocol.TCP, 8081, 80).setHostIp("192.0.2.1"))
                .addPortMappings(mapping(Protocol.UDP, 5353, 53)));

    for (String target :
        List.of("tcp 127.0.0.1 8080", "tcp 192.0.2.1 8080", "tcp ::1 8080", "udp ::1 5353")) {
      assertThat(answer(target)).as(target).startsWith("hello ");
    }
    assertThat(inOutside(ask("tcp 192.0.2.1 8080"))).isEqualTo("hello 10.88.7.1");
    assertThat(inOutside(ask("udp 192.0.2.1 5353"))).isEqualTo("hello 10.88.7.1");
    assertThat(inOutside(ask("tcp 192.0.2.1 8081"))).isEqualTo("hello 10.88.7.1");
    assertThat(node.onHost(askInVain("tcp 127.0.0.1 8081"))).isEmpty();
    assertThat(node.onHost("perl " + sender + " 127.0.0.1 7")).isEqualTo("same");

    Process talk = talk("127.0.0.1 7");
    assertThat(say(talk, "before")).isEqualTo("before");
    node.restart();
    assertThat(say(talk, "after")).isEqualTo("after");
    node.monitor.kill();
    assertThat(say(talk, "gone")).isEqualTo("end");
    assertThat(answer("tcp 127.0.0.1 8080")).startsWith("hello ");
    assertThat(answer("udp 127.0.0.1 5353")).startsWith("hello ");
    // Long after the start, when nothing else would open it.
    node.monitor.kill();
    assertThat(answer("tcp 127.0.0.1 8080")).startsWith("hello ");

    node.stop(id);
    assertThat(listening()).isEmpty();
    node.remove(id);
  }

  @Test
  void whereNeitherNftNorTheKernelKnowsSctpAPortOfItIsRefused() throws Exception {
    Files.delete(node.pluginDir.resolve("nft"));
    node.restart();
    useBridge(false);
    PodSandboxConfig.Builder config =
        PodNode.pod("diameter").addPortMappings(mapping(Protocol.SCTP, 3868, 38));
    boolean known =
        node.onHost("perl -MSocket -e 'print socket(my $s, AF_INET, SOCK_STREAM, 132) || 0'")
            .equals("1");

    if (known) {
      String id = node.run(config);
      assertThat(node.onHost("ss -Hln --sctp")).contains("0.0.0.0:3868");
      node.remove(id);
    } else {
      assertThatThrownBy(() -> node.run(config))
          .isInstanceOf(ServiceException.FailedPrecondition.class)
          .hasMessageContaining("SCTP port 3868 of 0.0.0.0")
          .hasMessageContaining("Protocol not supported");
    }
    assertThat(node.list()).isEmpty();
  }

  @Test
  void whereThereIsNoNftAPortThatAnotherProgramHasIsRefused() throws Exception {
    Files.delete(node.pluginDir.resolve("nft"));
    node.restart();
    useBridge(false);
    String listener =
        "exec perl -MIO::Socket::IP -e '$| = 1; my $s = IO::Socket::IP->new(LocalHost"
            + " => \"0.0.0.0\", LocalPort => 8080, Listen => 9); print \"ready\\n\"; sleep 300'";
    Process own =
        new ProcessBuilder("nsenter", "--net=" + node.hostNetwork, "sh", "-c", listener).start();
    servers.add(own);
    assertThat(own.inputReader().readLine()).isEqualTo("ready");
    PodSandboxConfig.Builder config =
        PodNode.pod("web")
            .addPortMappings(mapping(Protocol.TCP, 8079, 80))
            .addPortMappings(mapping(Protocol.TCP, 8080, 80));

    assertThatThrownBy(() -> node.run(config))
        .isInstanceOf(ServiceException.FailedPrecondition.class)
        .hasMessageContaining("TCP port 8080 of 0.0.0.0");
    assertThat(node.list()).isEmpty();
    assertThat(listening()).containsExactly("0.0.0.0:8080");
    own.destroyForcibly().waitFor();
    node.remove(node.run(config));

    useBridge(true);
    node.remove(node.run(config));
    assertThat(listening()).isEmpty();
  }
}
