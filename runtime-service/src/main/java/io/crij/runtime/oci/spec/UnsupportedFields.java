package io.crij.runtime.oci.spec;

import io.crij.cri.v1.ContainerConfig;
import io.crij.runtime.ServiceException;

/** Refuses what this version cannot do, by the field's name: nothing asked for is dropped. */
final class UnsupportedFields {
  private UnsupportedFields() {}

  static void refuse(ContainerConfig config) {
    if (config.hasWindows()) {
      throw new ServiceException.InvalidArgument(
          "field windows of the container's config is not supported by this version");
    }
  }
}
