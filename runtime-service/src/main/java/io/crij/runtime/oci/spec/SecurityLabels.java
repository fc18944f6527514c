package io.crij.runtime.oci.spec;

import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.cri.v1.SELinuxOption;

/** Labels of SELinux, where the node has it. */
final class SecurityLabels {
  /** What the policy of containers (container-selinux) calls files that they may use. */
  private static final String FILE_TYPE = "container_file_t";

  private static final String FILE_ROLE = "object_r";

  private SecurityLabels() {}

  /** Of its processes; empty unless all four parts are given. */
  static String ofProcess(LinuxContainerSecurityContext security) {
    SELinuxOption option = security.getSelinuxOptions();
    return isWhole(option)
        ? String.join(":", option.getUser(), option.getRole(), option.getType(), option.getLevel())
        : "";
  }

  /** Of its file systems in memory; empty when its processes have none. */
  static String ofMounts(LinuxContainerSecurityContext security) {
    SELinuxOption option = security.getSelinuxOptions();
    return isWhole(option)
        ? String.join(":", option.getUser(), FILE_ROLE, FILE_TYPE, option.getLevel())
        : "";
  }

  private static boolean isWhole(SELinuxOption option) {
    return !option.getUser().isEmpty()
        && !option.getRole().isEmpty()
        && !option.getType().isEmpty()
        && !option.getLevel().isEmpty();
  }
}
