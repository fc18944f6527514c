package io.crij.runtime.oci.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.Device;
import io.crij.runtime.ServiceException;
import io.crij.runtime.settings.ContainerSettings;
import io.crij.runtime.settings.HandlerAnnotations;
import io.crij.runtime.settings.HandlerSettings;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DevicesTest {
  private static Devices devices(String host, String permissions) {
    ContainerConfig config =
        ContainerConfig.newBuilder()
            .addDevices(
                Device.newBuilder()
                    .setHostPath(host)
                    .setContainerPath("/dev/mine")
                    .setPermissions(permissions))
            .build();
    return Devices.of(
        ContainerSpecTest.input(config, ContainerSpecTest.NODE, ContainerSettings.USUAL));
  }

  @Test
  void aDeviceIsMadeAndAllowedAsAsked() {
    Devices devices = devices("/dev/full", "rw");

    assertThat(devices.nodes())
        .singleElement()
        .satisfies(node -> {
          assertThat(node.path("path").asString()).isEqualTo("/dev/mine");
          assertThat(node.path("major").asInt()).isEqualTo(1);
          assertThat(node.path("minor").asInt()).isEqualTo(7);
        });
    assertThat(devices.cgroupRules().toString())
        .isEqualTo(
            "[{\"allow\":false,\"access\":\"rwm\"}, "
                + "{\"allow\":true,\"type\":\"c\",\"major\":1,\"minor\":7,\"access\":\"rw\"}]");
  }

  @Test
  void aHandlerMayKeepTheNodesDevicesFromPrivilegedContainers() {
    ContainerConfig.Builder config =
        ContainerConfig.newBuilder()
            .addDevices(
                Device.newBuilder()
                    .setHostPath("/dev/full")
                    .setContainerPath("/dev/mine")
                    .setPermissions("r"));
    config.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
    HandlerSettings keeping =
        new HandlerSettings(
            6 << 20,
            HandlerAnnotations.USUAL.withAllowed(Set.of()),
            null,
            true,
            false,
            HandlerSettings.USUAL.createLimit(),
            null,
            false);
    ContainerSettings usual = ContainerSettings.USUAL;
    ContainerSettings settings =
        new ContainerSettings(
            usual.process(),
            usual.mounts(),
            usual.devices(),
            List.of(),
            Map.of(),
            Map.of("runc", keeping),
            List.of(),
            usual.cpus());

    Devices none =
        Devices.of(ContainerSpecTest.input(config.build(), ContainerSpecTest.NODE, settings));
    Devices all =
        Devices.of(ContainerSpecTest.input(config.build(), ContainerSpecTest.NODE, usual));

    assertThat(none.byPath()).containsOnlyKeys("/dev/mine");
    assertThat(none.cgroupRules().getFirst().path("allow").asBoolean()).isFalse();
    assertThat(all.byPath()).containsKeys("/dev/mine", "/dev/full");
    assertThat(all.cgroupRules().getFirst().path("allow").asBoolean()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "/dev/full,rr,devices.permissions",
    "/dev/full,'',devices.permissions",
    "/dev/full,rwmr,devices.permissions",
    "/etc/hostname,r,devices.host_path",
    "/dev/absent,r,devices.host_path",
    "full,r,devices.host_path"
  })
  void whatIsNoDeviceIsRefused(String host, String permissions, String field) {
    assertThatThrownBy(() -> devices(host, permissions))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining(field);
  }
}
