package io.crij.runtime.oci.spec;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.Mount;
import io.crij.runtime.ServiceException;
import io.crij.runtime.oci.node.NodeFacts;

/** Refuses what this version cannot do, by the field's name: nothing asked for is dropped. */
final class UnsupportedFields {
  private UnsupportedFields() {}

  static void refuse(ContainerConfig config, NodeFacts node) {
    refuseIf(config.hasWindows(), "windows");
    refuseIf(
        node.selinux() && config.getMountsList().stream().anyMatch(Mount::getSelinuxRelabel),
        "mounts.selinux_relabel");
  }

  private static void refuseIf(boolean used, String field) {
    if (used) {
      throw new ServiceException.InvalidArgument(
          "field " + field + " of the container's config is not supported by this version");
    }
  }
}
