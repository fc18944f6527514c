package io.crij.runtime.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.IDMapping;
import io.crij.cri.v1.Int64Value;
import io.crij.cri.v1.NamespaceMode;
import io.crij.cri.v1.NamespaceOption;
import io.crij.cri.v1.PodSandboxConfig;
import io.crij.cri.v1.PodSandboxFilter;
import io.crij.cri.v1.PodSandboxMetadata;
import io.crij.cri.v1.PodSandboxState;
import io.crij.cri.v1.PodSandboxStateValue;
import io.crij.cri.v1.PortMapping;
import io.crij.cri.v1.RunPodSandboxRequest;
import io.crij.cri.v1.UserNamespace;
import io.crij.linux.namespace.NamespaceType;
import io.crij.runtime.RuntimeServiceConfig;
import io.crij.runtime.ServiceException.InvalidArgument;
import io.crij.runtime.TestConfig;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxFolder;
import io.crij.runtime.sandbox.SandboxState;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PodRequestTest {
  private static final RuntimeServiceConfig SERVICE =
      TestConfig.usual(
          Path.of("/var/lib/crij"),
          Path.of("/run/crij"),
          Map.of("runc", new RuntimeServiceConfig.Handler(Path.of("/usr/sbin/runc"))),
          "/crij",
          new RuntimeServiceConfig.Network(Path.of("/etc/cni/net.d"), List.of(), null));

  private static PodSandboxConfig.Builder pod() {
    return PodSandboxConfig.newBuilder()
        .setMetadata(PodSandboxMetadata.newBuilder().setName("web").setNamespace("default"));
  }

  private static String handler(String asked) {
    return asked.isEmpty() ? "runc" : asked;
  }

  private static PodRequest check(Consumer<PodSandboxConfig.Builder> change) {
    PodSandboxConfig.Builder config = pod();
    change.accept(config);
    return PodRequest.of(
        RunPodSandboxRequest.newBuilder().setConfig(config).build(),
        SERVICE,
        "node-1",
        PodRequestTest::handler);
  }

  private static void refused(String field, Consumer<PodSandboxConfig.Builder> change) {
    assertThatThrownBy(() -> check(change))
        .isInstanceOf(InvalidArgument.class)
        .hasMessageContaining(field);
  }

  private static Consumer<PodSandboxConfig.Builder> options(
      Consumer<NamespaceOption.Builder> change) {
    return config ->
        change.accept(
            config.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder());
  }

  @Test
  void theSmallestRequestHasNamespacesOfItsOwn() {
    PodRequest request = check(_ -> {});

    assertThat(request.namespaces()).containsExactlyInAnyOrder(NamespaceType.values());
    assertThat(request.cgroupParent()).isEqualTo("/crij");
  }

  @Test
  void theNodesNamespaces() {
    assertThat(check(options(o -> o.setNetwork(NamespaceMode.NODE))).namespaces())
        .containsExactly(NamespaceType.IPC);
    assertThat(
            check(
                    options(o -> o.setNetwork(NamespaceMode.NODE).setIpc(NamespaceMode.NODE))
                        .andThen(c -> c.setHostname("node-1")))
                .namespaces())
        .isEmpty();
    assertThat(
            check(
                    options(o -> o.setNetwork(NamespaceMode.NODE).setIpc(NamespaceMode.NODE))
                        .andThen(c -> c.setHostname("other")))
                .namespaces())
        .containsExactly(NamespaceType.UTS);
  }

  @Test
  void whatIsWrongIsNamed() {
    refused("metadata", PodSandboxConfig.Builder::clearMetadata);
    refused("metadata.name", c -> c.getMetadataBuilder().setName(""));
    refused("metadata.namespace", c -> c.getMetadataBuilder().setNamespace("a/b"));
    refused("metadata.uid", c -> c.getMetadataBuilder().setUid("../../../malicious"));
    refused("hostname", c -> c.setHostname("a\nb"));
    refused("log_directory", c -> c.setLogDirectory("/var/log/../../etc"));
    refused("log_directory", c -> c.setLogDirectory("logs"));
    refused("dns_config.servers", c -> c.getDnsConfigBuilder().addServers("dns.example"));
    refused(
        "dns_config.searches", c -> c.getDnsConfigBuilder().addSearches("a\n nameserver 6.6.6.6"));
    refused("dns_config.options", c -> c.getDnsConfigBuilder().addOptions("ndots:5\nfoo"));
    refused("linux.cgroup_parent", c -> c.getLinuxBuilder().setCgroupParent("/kubepods/../.."));
    refused("linux.cgroup_parent", c -> c.getLinuxBuilder().setCgroupParent("a.slice"));
    refused("linux.sysctls", c -> c.getLinuxBuilder().putSysctls("kernel.core_pattern", "x"));
    refused(
        "run_as_group",
        c ->
            c.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setRunAsGroup(Int64Value.newBuilder().setValue(1)));
    refused("network", options(o -> o.setNetwork(NamespaceMode.CONTAINER)));
    refused("pid", options(o -> o.setPid(NamespaceMode.TARGET)));
    refused("ipc", options(o -> o.setIpcValue(77)));
  }

  @Test
  void portsAreChecked() {
    PortMapping.Builder good = PortMapping.newBuilder().setHostPort(8080).setContainerPort(80);
    assertThat(check(c -> c.addPortMappings(good)).config().getPortMappingsList()).hasSize(1);
    check(c -> c.addPortMappings(PortMapping.getDefaultInstance()));
    refused("port_mappings", c -> c.addPortMappings(good.clone().setHostPort(-1)));
    refused("port_mappings", c -> c.addPortMappings(good.clone().setHostPort(65536)));
    refused("port_mappings", c -> c.addPortMappings(good.clone().setContainerPort(0)));
    refused("port_mappings.host_ip", c -> c.addPortMappings(good.clone().setHostIp("any")));
    refused("port_mappings", c -> c.addPortMappings(good.clone().setProtocolValue(9)));
    check(c -> c.addPortMappings(good).addPortMappings(good));
    refused(
        "8080 of ::1",
        c ->
            c.addPortMappings(good)
                .addPortMappings(good.clone().setContainerPort(81).setHostIp("::1")));
  }

  @Test
  void sysctlsOfTheNodesNamespacesAreRefused() {
    refused(
        "net.ipv4.ip_unprivileged_port_start",
        options(o -> o.setNetwork(NamespaceMode.NODE))
            .andThen(
                c -> c.getLinuxBuilder().putSysctls("net.ipv4.ip_unprivileged_port_start", "80")));
  }

  @Test
  void handlersAndUserNamespaces() {
    assertThatThrownBy(() ->
            PodRequest.of(
                RunPodSandboxRequest.newBuilder()
                    .setConfig(pod())
                    .setRuntimeHandler("kata")
                    .build(),
                SERVICE,
                "node-1",
                PodRequestTest::handler))
        .isInstanceOf(InvalidArgument.class)
        .hasMessageContaining("kata");
    check(options(o -> o.setUsernsOptions(UserNamespace.newBuilder().setMode(NamespaceMode.NODE))));
  }

  @Test
  void podsOfWindowsAndBandwidthsThatAreNoneAreRefused() {
    refused("windows", c -> c.getWindowsBuilder());
    refused(
        "kubernetes.io/egress-bandwidth",
        c -> c.putAnnotations("kubernetes.io/egress-bandwidth", "much"));
  }

  private static UserNamespace.Builder users(int hostId, int containerId, int length) {
    IDMapping.Builder mapping =
        IDMapping.newBuilder().setHostId(hostId).setContainerId(containerId).setLength(length);
    return UserNamespace.newBuilder().setMode(NamespaceMode.POD).addUids(mapping).addGids(mapping);
  }

  @Test
  void userNamespacesHaveOneRangeFromRootOn() {
    PodRequest request = check(options(o -> o.setUsernsOptions(users(100_000, 0, 65_536))));
    assertThat(request.hasUserNamespace()).isTrue();
    check(options(o -> o.setUsernsOptions(users(0x8000_0000, 0, 0x7fff_0000))));

    UserNamespace.Builder two = users(100_000, 0, 10).addUids(IDMapping.newBuilder().setLength(1));
    for (UserNamespace.Builder wrong :
        List.of(
            two,
            users(100_000, 1, 10),
            users(100_000, 0, 0),
            users(0, 0, 65_536),
            users(-10, 0, 100),
            users(1, 0, 10).clearGids(),
            users(1, 0, 10).setMode(NamespaceMode.NODE),
            users(1, 0, 10).setMode(NamespaceMode.CONTAINER),
            users(1, 0, 10).setMode(NamespaceMode.TARGET),
            UserNamespace.newBuilder())) {
      refused("userns_options", options(o -> o.setUsernsOptions(wrong)));
    }
    refused(
        "userns_options",
        options(o -> o.setUsernsOptions(users(1, 0, 10)).setNetwork(NamespaceMode.NODE)));
    refused(
        "linux.sysctls",
        options(o -> o.setUsernsOptions(users(1, 0, 10)))
            .andThen(c -> c.getLinuxBuilder().putSysctls("kernel.shmmax", "1")));
  }

  @Test
  void filters() {
    Sandbox ready =
        new Sandbox(
            "ab" + "0".repeat(62),
            pod().putLabels("app", "web").putLabels("tier", "1").build(),
            "",
            "/crij",
            "web",
            Set.of(),
            SandboxFolder.of(Path.of("/run/crij"), "ab" + "0".repeat(62)),
            Instant.EPOCH,
            "boot",
            SandboxState.READY);
    PodSandboxFilter.Builder filter = PodSandboxFilter.newBuilder();
    assertThat(ListPodSandbox.matches(filter.build(), ready)).isTrue();
    assertThat(ListPodSandbox.matches(filter.setId("ab0").build(), ready)).isTrue();
    assertThat(ListPodSandbox.matches(filter.clone().setId("b").build(), ready)).isFalse();
    filter.putLabelSelector("app", "web");
    assertThat(ListPodSandbox.matches(filter.build(), ready)).isTrue();
    assertThat(ListPodSandbox.matches(filter.clone().putLabelSelector("tier", "2").build(), ready))
        .isFalse();
    filter.setState(PodSandboxStateValue.newBuilder().setState(PodSandboxState.SANDBOX_NOTREADY));
    assertThat(ListPodSandbox.matches(filter.build(), ready)).isFalse();
    assertThat(ListPodSandbox.matches(filter.build(), ready.withState(SandboxState.FAILED)))
        .isTrue();
  }
}
