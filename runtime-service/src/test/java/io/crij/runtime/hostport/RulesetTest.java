package io.crij.runtime.hostport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.PortMapping;
import io.crij.cri.v1.Protocol;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RulesetTest {
  private static String rules(String hostIp, String... cidrs) {
    PodEnd pod =
        new PodEnd(
            List.of(cidrs).stream().map(PodEnd.Address::parse).toList(), List.of("cni0", "veth1"));
    PortMapping mapping =
        PortMapping.newBuilder()
            .setProtocol(Protocol.UDP)
            .setHostPort(5353)
            .setContainerPort(53)
            .setHostIp(hostIp)
            .build();
    return new Ruleset("t", pod).replace(List.of(mapping));
  }

  @ParameterizedTest
  @CsvSource({
    "'', meta nfproto ipv4 udp dport 5353 dnat ip to 10.0.0.2:53",
    "'', meta nfproto ipv6 udp dport 5353 dnat ip6 to [fd00:0:0:0:0:0:0:2]:53",
    "0.0.0.0, meta nfproto ipv4 udp dport 5353 dnat ip to 10.0.0.2:53",
    "'::', meta nfproto ipv6 udp dport 5353 dnat ip6 to [fd00:0:0:0:0:0:0:2]:53",
    "192.0.2.1, ip daddr 192.0.2.1 udp dport 5353 dnat ip to 10.0.0.2:53",
    "fd00::1, ip6 daddr fd00:0:0:0:0:0:0:1 udp dport 5353 dnat ip6 to [fd00:0:0:0:0:0:0:2]:53"
  })
  void aRuleForEachAddressOfTheFamily(String hostIp, String rule) {
    String rules = rules(hostIp, "10.0.0.2/24", "fd00::2/64");
    assertThat(rules).contains(rule);
    if (!hostIp.isEmpty()) {
      assertThat(rules.split("dnat ip6? to", -1)).hasSize(2);
    }
  }

  @Test
  void noRuleWhereThePodHasNoSuchAddress() {
    assertThat(rules("::", "10.0.0.2/24")).doesNotContain("dnat ip to", "dnat ip6 to");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "10.0.0.2/33", "10.0.0.2/-1", "10.0.0.2; flush ruleset/24"})
  void whatIsNoAddressIsRefused(String cidr) {
    assertThatThrownBy(() -> PodEnd.Address.parse(cidr))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
