package io.crij.runtime.oci.spec;

import io.crij.cri.v1.ContainerConfig;
import io.crij.runtime.ServiceException;

/** Refuses what this version cannot do, by the field's name: nothing asked for is dropped. */
final class UnsupportedFields {
  private UnsupportedFields() {}

  static void refuse(ContainerConfig config) {
    refuseIf(config.hasWindows(), "windows");
  }

  private static void refuseIf(boolean used, String field) {
    if (used) {
      throw new ServiceException.InvalidArgument(
          "field " + field + " of the container's config is not supported by this version");
    }
  }
}
