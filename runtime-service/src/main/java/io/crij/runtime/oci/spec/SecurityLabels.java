package io.crij.runtime.oci.spec;

import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.cri.v1.SELinuxOption;
import io.crij.cri.v1.SecurityProfile;
import io.crij.runtime.ServiceException;
import io.crij.runtime.oci.node.NodeFacts;
import tools.jackson.databind.node.ObjectNode;

/** AppArmor and SELinux, where the node has them. */
final class SecurityLabels {
  private static final String LOCALHOST = "localhost/";

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

  /** Sets the profile a request names; without AppArmor such a request cannot be kept. */
  static void apparmor(LinuxContainerSecurityContext security, NodeFacts node, ObjectNode process) {
    String profile = apparmorProfile(security);
    if (profile.isEmpty() || security.getPrivileged()) {
      return;
    }
    if (!node.apparmor()) {
      throw new ServiceException.InvalidArgument(
          "linux.security_context.apparmor: this node has no AppArmor for profile " + profile);
    }
    process.put("apparmorProfile", profile);
  }

  @SuppressWarnings("deprecation") // older kubelets send the old field only
  private static String apparmorProfile(LinuxContainerSecurityContext security) {
    if (!security.hasApparmor()) {
      String old = security.getApparmorProfile();
      return old.startsWith(LOCALHOST) ? old.substring(LOCALHOST.length()) : "";
    }
    SecurityProfile apparmor = security.getApparmor();
    return switch (apparmor.getProfileType()) {
      case Localhost -> localhost(apparmor);
      case RuntimeDefault, Unconfined -> "";
      case UNRECOGNIZED ->
          throw new ServiceException.InvalidArgument(
              "linux.security_context.apparmor: unknown profile_type "
                  + apparmor.getProfileTypeValue());
    };
  }

  private static String localhost(SecurityProfile apparmor) {
    String reference = apparmor.getLocalhostRef();
    String profile =
        reference.startsWith(LOCALHOST) ? reference.substring(LOCALHOST.length()) : reference;
    if (profile.isEmpty()) {
      throw new ServiceException.InvalidArgument(
          "linux.security_context.apparmor: Localhost without localhost_ref");
    }
    return profile;
  }
}
