package io.crij.runtime.oci.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.Device;
import io.crij.runtime.ServiceException;
import io.crij.runtime.settings.ContainerSettings;
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
