package io.crij.runtime.pod;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.UpdateRuntimeConfigRequest;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.ServiceException.FailedPrecondition;
import io.crij.runtime.ServiceException.InvalidArgument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is newer in the CNI specification, and what is asked of a network as a whole. */
@Tag("root")
@Timeout(120)
@ExtendWith(LeavesNoTrace.class)
class NetworkKernelTest {
  private static final String DEFAULT_NETWORK = "v1.multus-cni.io/default-network";

  @TempDir Path folder;
  private PodNode node;

  @BeforeEach
  void open() throws Exception {
    node = new PodNode(folder);
  }

  @AfterEach
  void close() throws Exception {
    node.end();
  }

  private String info(String id) {
    return node.status(id).getInfoOrThrow("info");
  }

  private List<String> commands() throws IOException {
    return node.fakeLog().stream().map(line -> line.replaceAll(" (netns|args)=.*", "")).toList();
  }

  @Test
  void whoLooksCloselyHasPluginsCheckTheAttachment() throws Exception {
    node.useFake("1.0.0");
    String id = node.run(PodNode.pod("web"));

    assertThat(info(id)).contains("\"cniCheck\":\"\"");
    assertThat(commands()).containsExactly("ADD", "CHECK");
    assertThat(Files.readAllLines(node.fake.resolve("stdin")).getLast())
        .contains("\"prevResult\":{", "10.9.0.5/24");
    node.tellFake("CHECK", "error");
    assertThat(info(id)).contains("CNI plugin fake, CHECK: no more addresses");
    node.stop(id);
    assertThat(info(id)).doesNotContain("cniCheck");
    assertThat(commands()).as("not after DEL").endsWith("CHECK", "DEL");
    node.remove(id);
  }

  @Test
  void aNetworkThatKnowsNoCheckOrWantsNoneIsNotAsked() throws Exception {
    node.useFake("0.3.1");
    String old = node.run(PodNode.pod("old"));
    Files.writeString(
        node.networkDir.resolve("10-fake.conflist"),
        """
        {"cniVersion": "1.0.0", "name": "fake", "disableCheck": true,
         "plugins": [{"type": "fake"}]}
        """);
    String unwilling = node.run(PodNode.pod("unwilling"));

    assertThat(info(old)).contains("\"cniCheck\":\"\"");
    assertThat(info(unwilling)).contains("\"cniCheck\":\"\"");
    assertThat(commands()).containsExactly("ADD", "ADD");
    node.remove(old);
    node.remove(unwilling);
  }

  /** CNI spec, section 3: "The runtime must exclusively execute either gc or add and delete." */
  @Test
  void garbageIsCollectedAgainAndAgainAndNeverWhilePodsAreAttached() throws Exception {
    node.useFake("1.1.0");
    node.garbage = Duration.ofMillis(50);
    node.restart();
    await(() -> commands().stream().filter("GC"::equals).count() > 2);

    node.tellFake("ADD", "slow", "slow");
    node.tellFake("DEL", "slow", "slow");
    node.tellFake("GC", "slow", "slow", "slow");
    for (String name : List.of("one", "two")) {
      String id = node.run(PodNode.pod(name));
      node.remove(id);
    }
    await(() -> commands().stream().filter("GC end"::equals).count() == 3);

    List<String> log = commands();
    for (int i = 0; i < log.size(); i++) {
      if (log.get(i).endsWith(" end")) {
        assertThat(log.get(i - 1) + " end").as("%s", log).isEqualTo(log.get(i));
      }
    }
  }

  @Test
  void aPodHasTheAddressesItAsksForWhereThePluginsGiveThem() throws Exception {
    Files.writeString(
        node.networkDir.resolve("10-pods.conflist"),
        """
        {"cniVersion": "1.0.0", "name": "crij-test", "plugins": [
          {"type": "bridge", "bridge": "cni0", "isGateway": true,
           "capabilities": {"ips": true, "mac": true},
           "ipam": {"type": "host-local", "dataDir": "%s",
                    "ranges": [[{"subnet": "10.88.7.0/24"}]]}}]}
        """
            .formatted(folder.resolve("ipam")));
    String id =
        node.run(
            PodNode.pod("web")
                .putAnnotations(
                    DEFAULT_NETWORK,
                    "[{\"ips\": [\"10.88.7.77/24\"], \"mac\": \"c2:b0:57:49:47:f1\"}]"));

    assertThat(node.status(id).getStatus().getNetwork().getIp()).isEqualTo("10.88.7.77");
    assertThat(node.inPod(id, "ip -o -4 addr show eth0")).contains("10.88.7.77/24");
    assertThat(node.inPod(id, "ip -o link show eth0")).contains("c2:b0:57:49:47:f1");
    node.remove(id);
    assertThatThrownBy(() -> node.run(PodNode.pod("web").putAnnotations(DEFAULT_NETWORK, "[x]")))
        .isInstanceOf(InvalidArgument.class)
        .hasMessageContaining(DEFAULT_NETWORK);
  }

  private void podCidr(String podCidr) {
    UpdateRuntimeConfigRequest.Builder request = UpdateRuntimeConfigRequest.newBuilder();
    request.getRuntimeConfigBuilder().getNetworkConfigBuilder().setPodCidr(podCidr);
    node.pods.updateRuntimeConfig().run(request.build());
  }

  private void template(String text) throws IOException {
    Files.writeString(folder.resolve("net.template"), text);
  }

  @Test
  void ofTheNodesRangesANetworkIsMade() throws Exception {
    template(
        """
        {"cniVersion": "1.0.0", "name": "crij-test", "plugins": [
          {"type": "bridge", "bridge": "cni0", "isGateway": true,
           "ipam": {"type": "host-local", "dataDir": "%s",
             "ranges": [{{range $i, $r := .PodCIDRRanges}}{{if $i}}, {{end}}[
                        {"subnet": "{{$r}}"}]{{end}}],
             "routes": [{{range $i, $r := .Routes}}{{if $i}}, {{end}}
                        {"dst": "{{$r}}"}{{end}}]}}]}
        """
            .formatted(folder.resolve("ipam")));
    podCidr("");
    assertThat(node.networkDir).isEmptyDirectory();
    assertThatThrownBy(() -> podCidr("10.88.9.0")).isInstanceOf(InvalidArgument.class);
    assertThat(node.networkDir).isEmptyDirectory();

    podCidr("10.88.9.0/24,fd88:9::/64");
    String id = node.run(PodNode.pod("web"));
    var network = node.status(id).getStatus().getNetwork();
    assertThat(network.getIp()).startsWith("10.88.9.");
    assertThat(network.getAdditionalIps(0).getIp()).startsWith("fd88:9::");
    node.remove(id);

    node.onHost("ip link delete cni0");
    podCidr("10.88.10.0/24");
    id = node.run(PodNode.pod("web"));
    assertThat(node.status(id).getStatus().getNetwork().getIp()).startsWith("10.88.10.");
    node.remove(id);
  }

  @Test
  void aNetworkOfOthersStays() throws Exception {
    template("{{nothing to be understood}}");
    node.useFake("1.0.0");
    podCidr("10.88.9.0/24");
    assertThat(node.networkDir.resolve("10-crij-net.conflist")).doesNotExist();

    Files.delete(node.networkDir.resolve("10-fake.conflist"));
    assertThatThrownBy(() -> podCidr("10.88.9.0/24"))
        .isInstanceOf(FailedPrecondition.class)
        .hasMessageContaining("net.template")
        .hasMessageContaining("nothing to be understood");
    template("{\"cniVersion\": \"1.0.0\"}");
    assertThatThrownBy(() -> podCidr("10.88.9.0/24"))
        .isInstanceOf(FailedPrecondition.class)
        .hasMessageContaining("name");
    assertThat(node.networkDir).isEmptyDirectory();
  }
}
