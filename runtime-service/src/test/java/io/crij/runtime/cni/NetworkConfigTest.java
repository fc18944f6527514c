package io.crij.runtime.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.DNSConfig;
import io.crij.cri.v1.PortMapping;
import io.crij.cri.v1.Protocol;
import io.crij.runtime.cni.capability.Capabilities;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class NetworkConfigTest {
  private static final String LIST =
      """
      {
        "cniVersion": "1.0.0",
        "cniVersions": ["0.4.0", "1.0.0", "1.1.0", "9.0.0"],
        "name": "pods",
        "plugins": [
          {"type": "bridge", "bridge": "cni0", "ipam": {"type": "host-local"}},
          {"type": "portmap", "capabilities": {"portMappings": true, "bandwidth": true, "dns": false}}
        ]
      }
      """;

  private static JsonNode json(String text) {
    return NetworkConfig.JSON.readTree(text);
  }

  @Test
  void aListWithItsNewestKnownVersion() {
    NetworkConfig config = NetworkConfig.parse(LIST);

    assertThat(config.name()).isEqualTo("pods");
    assertThat(config.version()).isEqualTo(CniVersion.V1_1_0);
    assertThat(config.plugins()).hasSize(2);
  }

  @Test
  void requestsCarryWhatThePluginAsksFor() {
    NetworkConfig config = NetworkConfig.parse(LIST);
    Capabilities capabilities =
        new Capabilities(
            List.of(
                PortMapping.newBuilder()
                    .setProtocol(Protocol.UDP)
                    .setHostPort(5353)
                    .setContainerPort(53)
                    .setHostIp("127.0.0.1")
                    .build(),
                PortMapping.newBuilder().setContainerPort(80).build()),
            DNSConfig.newBuilder().addServers("10.96.0.10").build(),
            Map.of(),
            "");
    ObjectNode runtimeConfig = capabilities.json();

    assertThat(config.request(config.plugins().getFirst(), runtimeConfig))
        .isEqualTo(
            json(
                """
                {"type": "bridge", "bridge": "cni0", "ipam": {"type": "host-local"},
                 "cniVersion": "1.1.0", "name": "pods"}
                """));
    assertThat(config.request(config.plugins().getLast(), runtimeConfig))
        .isEqualTo(
            json(
                """
                {"type": "portmap", "cniVersion": "1.1.0", "name": "pods",
                 "runtimeConfig": {"portMappings": [
                   {"hostPort": 5353, "containerPort": 53, "protocol": "udp", "hostIP": "127.0.0.1"}
                 ]}}
                """));
    assertThat(runtimeConfig.path("dns"))
        .isEqualTo(json("{\"servers\": [\"10.96.0.10\"], \"searches\": [], \"options\": []}"));
  }

  @Test
  void aSinglePluginIsAListOfOne() {
    NetworkConfig config =
        NetworkConfig.parse(
            "{\"cniVersion\": \"0.3.1\", \"name\": \"one\", \"type\": \"ptp\", \"mtu\": 1400}");

    assertThat(config.version()).isEqualTo(CniVersion.V0_3_1);
    assertThat(config.plugins()).hasSize(1);
    assertThat(config.plugins().getFirst().path("mtu").asInt()).isEqualTo(1400);
    assertThat(NetworkConfig.parse(config.json().toString()).plugins()).isEqualTo(config.plugins());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{\"cniVersion\": \"1.0.0\", \"plugins\": [{\"type\": \"bridge\"}]}",
        "{\"cniVersion\": \"1.0.0\", \"name\": \"a b\", \"plugins\": [{\"type\": \"bridge\"}]}",
        "{\"cniVersion\": \"1.0.0\", \"name\": \"a\", \"plugins\": []}",
        "{\"cniVersion\": \"1.0.0\", \"name\": \"a\", \"plugins\": {}}",
        "{\"cniVersion\": \"1.0.0\", \"name\": \"a\", \"plugins\": [7]}",
        "{\"cniVersion\": \"1.0.0\", \"name\": \"a\", \"plugins\": [{}]}",
        "{\"cniVersion\": \"1.0.0\", \"name\": \"a\", \"plugins\": [{\"type\": \"../bin/sh\"}]}",
        "{\"cniVersion\": \"7.0.0\", \"name\": \"a\", \"plugins\": [{\"type\": \"bridge\"}]}",
        "{\"name\": \"a\", \"plugins\": [{\"type\": \"bridge\"}]}"
      })
  void othersAreRefused(String text) {
    assertThatThrownBy(() -> NetworkConfig.parse(text)).isInstanceOf(CniException.class);
  }

  @Test
  void addressesOfThePodsInterface() {
    String current =
        """
        {"cniVersion": "1.0.0",
         "interfaces": [{"name": "cni0"}, {"name": "veth1"}, {"name": "eth0", "sandbox": "/ns"},
                        {"name": "net1", "sandbox": "/ns"}],
         "ips": [{"address": "fd00::5/64", "interface": 2}, {"address": "10.1.0.5/16", "interface": 2},
                 {"address": "192.168.1.1/24", "interface": 3}, {"address": "10.1.0.1/16", "interface": 0}]}
        """;
    assertThat(AddResult.addresses(current, "eth0")).containsExactly("fd00::5", "10.1.0.5");

    String older =
        """
        {"cniVersion": "0.4.0", "ips": [{"version": "4", "address": "10.2.0.9/24"}], "dns": {}}
        """;
    assertThat(AddResult.addresses(older, "eth0")).containsExactly("10.2.0.9");
    assertThatThrownBy(() -> AddResult.parse("oops")).isInstanceOf(CniException.class);
    assertThatThrownBy(() -> AddResult.parse("")).isInstanceOf(CniException.class);
  }
}
