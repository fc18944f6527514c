package io.crij.runtime.oci.spec;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.Mount;
import io.crij.cri.v1.NamespaceMode;
import io.crij.cri.v1.NamespaceOption;
import io.crij.runtime.ServiceException;

/** Refuses what this version cannot do, by the field's name: nothing asked for is dropped. */
final class UnsupportedFields {
  private UnsupportedFields() {}

  static void refuse(ContainerConfig config) {
    refuseIf(config.hasWindows(), "windows");
    refuseIf(config.getCDIDevicesCount() > 0, "CDI_devices");
    for (Mount mount : config.getMountsList()) {
      refuseIf(mount.getUidMappingsCount() > 0, "mounts.uidMappings");
      refuseIf(mount.getGidMappingsCount() > 0, "mounts.gidMappings");
    }
    NamespaceOption namespaces = config.getLinux().getSecurityContext().getNamespaceOptions();
    refuseIf(
        namespaces.hasUsernsOptions()
            && namespaces.getUsernsOptions().getMode() != NamespaceMode.NODE
            && namespaces.getUsernsOptions().getUidsCount() > 0,
        "linux.security_context.namespace_options.userns_options");
  }

  private static void refuseIf(boolean used, String field) {
    if (used) {
      throw new ServiceException.InvalidArgument(
          "field " + field + " of the container's config is not supported by this version");
    }
  }
}
