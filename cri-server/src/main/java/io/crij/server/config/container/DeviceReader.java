package io.crij.server.config.container;

import io.crij.runtime.settings.DeviceMapping;
import io.crij.runtime.settings.DeviceSettings;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Which devices of the node containers get. */
final class DeviceReader {
  private final Given given;

  DeviceReader(Given given) {
    this.given = given;
  }

  DeviceSettings read() {
    return new DeviceSettings(
        additional(),
        Set.copyOf(given.paths(Key.ALLOWED_DEVICES)),
        given.isSet(Key.DEVICE_OWNERSHIP_FROM_SECURITY_CONTEXT),
        given.paths(Key.CDI_SPEC_DIRS));
  }

  private List<DeviceMapping> additional() {
    List<DeviceMapping> devices = new ArrayList<>();
    for (String entry : given.get(Key.ADDITIONAL_DEVICES).strings()) {
      try {
        DeviceMapping device = DeviceMapping.parse(entry);
        if (!Files.exists(device.host())
            || Files.isRegularFile(device.host())
            || Files.isDirectory(device.host())) {
          throw given.wrong(Key.ADDITIONAL_DEVICES, "no device " + device.host());
        }
        devices.add(device);
      } catch (IllegalArgumentException e) {
        throw given.wrong(Key.ADDITIONAL_DEVICES, String.valueOf(e.getMessage()));
      }
    }
    return devices;
  }
}
