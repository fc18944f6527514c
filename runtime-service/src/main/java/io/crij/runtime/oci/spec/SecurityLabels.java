package io.crij.runtime.oci.spec;

import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.cri.v1.SELinuxOption;

/** Labels of SELinux, where the node has it. */
final class SecurityLabels {
  private SecurityLabels() {}

  /** Empty unless all four parts are given. */
  static String selinux(LinuxContainerSecurityContext security) {
    SELinuxOption option = security.getSelinuxOptions();
    if (option.getUser().isEmpty()
        || option.getRole().isEmpty()
        || option.getType().isEmpty()
        || option.getLevel().isEmpty()) {
      return "";
    }
    return String.join(
        ":", option.getUser(), option.getRole(), option.getType(), option.getLevel());
  }
}
