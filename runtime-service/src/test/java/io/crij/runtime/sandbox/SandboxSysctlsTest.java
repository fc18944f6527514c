package io.crij.runtime.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.linux.namespace.NamespaceType;
import io.crij.linux.namespace.Sysctl;
import io.crij.runtime.ServiceException.InvalidArgument;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxSysctlsTest {
  private static final Set<NamespaceType> ALL = EnumSet.allOf(NamespaceType.class);
  private static final Set<NamespaceType> NODES_NETWORK = EnumSet.of(NamespaceType.IPC);

  @ParameterizedTest
  @CsvSource({
    "kernel.shm_rmid_forced,1,kernel/shm_rmid_forced",
    "kernel/shm_rmid_forced,1,kernel/shm_rmid_forced",
    "kernel.sem,250 32000 32 128,kernel/sem",
    "kernel.msgmax,65536,kernel/msgmax",
    "fs.mqueue.msg_max,20,fs/mqueue/msg_max",
    "net.ipv4.ip_local_port_range,1024 65000,net/ipv4/ip_local_port_range",
    "net.ipv4.tcp_congestion_control,bbr,net/ipv4/tcp_congestion_control",
    "net/ipv4/conf/eth0.1/forwarding,1,net/ipv4/conf/eth0.1/forwarding",
    "net.ipv4.conf.eth0/1.forwarding,1,net/ipv4/conf/eth0.1/forwarding"
  })
  void allowed(String key, String value, String path) {
    List<Sysctl> sysctls = SandboxSysctls.of(Map.of(key, value), ALL, Map.of());
    assertThat(sysctls).contains(new Sysctl(path, value, false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kernel.core_pattern",
        "kernel.hostname",
        "kernel.sysrq",
        "kernel.pid_max",
        "vm.overcommit_memory",
        "fs.file-max",
        "net",
        "kernel.sem/../core_pattern",
        "net/../kernel/core_pattern",
        "net..ipv4",
        "net.ipv4.ip_forward=1",
        "kernel.sem+net.ipv4.ip_forward",
        "net.ipv4.ip_forward\n",
        "/net/ipv4/ip_forward",
        ""
      })
  void otherKeysAreRefused(String key) {
    assertThatThrownBy(() -> SandboxSysctls.of(Map.of(key, "1"), ALL, Map.of()))
        .isInstanceOf(InvalidArgument.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1024 65000'+'net.ipv4.ip_forward=0",
        "1+kernel.core_pattern=|/bin/evil",
        "1\n2",
        "1\r",
        "",
        " 1",
        "|/bin/sh"
      })
  void otherValuesAreRefused(String value) {
    assertThatThrownBy(
            () -> SandboxSysctls.of(Map.of("net.ipv4.ip_local_port_range", value), ALL, Map.of()))
        .isInstanceOf(InvalidArgument.class);
    assertThatThrownBy(() -> SandboxSysctls.of(Map.of("kernel.shmmax", value), ALL, Map.of()))
        .isInstanceOf(InvalidArgument.class);
  }

  @Test
  void theNodesAreNotChanged() {
    assertThatThrownBy(() ->
            SandboxSysctls.of(
                Map.of("net.ipv4.ip_unprivileged_port_start", "0"), NODES_NETWORK, Map.of()))
        .isInstanceOf(InvalidArgument.class)
        .hasMessageContaining("net.ipv4.ip_unprivileged_port_start");
    assertThatThrownBy(() ->
            SandboxSysctls.of(
                Map.of("kernel.shmmax", "1"), EnumSet.of(NamespaceType.NETWORK), Map.of()))
        .isInstanceOf(InvalidArgument.class);
    assertThat(SandboxSysctls.of(Map.of(), NODES_NETWORK, Map.of())).isEmpty();
  }

  @Test
  void routerAdvertisementsAreRefusedUnlessAskedFor() {
    List<Sysctl> sysctls =
        SandboxSysctls.of(Map.of("net.ipv6.conf.default.accept_ra", "1"), ALL, Map.of());
    assertThat(sysctls)
        .containsSubsequence(
            new Sysctl("net/ipv6/conf/default/accept_ra", "0", true),
            new Sysctl("net/ipv6/conf/default/accept_ra", "1", false));
  }
}
