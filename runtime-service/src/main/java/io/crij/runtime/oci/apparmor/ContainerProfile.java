package io.crij.runtime.oci.apparmor;

import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.cri.v1.SecurityProfile;
import io.crij.cri.v1.SecurityProfile.ProfileType;
import io.crij.runtime.ServiceException;
import io.crij.runtime.settings.ProcessSettings;

/** The profile a container asks for (CRI, SecurityProfile). */
public final class ContainerProfile {
  /** For {@code apparmor_profile}: the node's default is no profile. */
  public static final String UNCONFINED = "unconfined";

  private static final String FIELD = "linux.security_context.apparmor";
  private static final String LOCALHOST = "localhost/";

  private ContainerProfile() {}

  /**
   * The profile's name; empty: none.
   *
   * <p>Who says nothing gets the node's default, as with both peers (kubernetes.io, "Restrict a
   * Container's Access to Resources with AppArmor"), unless it is our own and cannot be loaded:
   * most kernels have AppArmor, also on nodes where nobody uses it.
   *
   * @param nodesDefault for RuntimeDefault
   * @throws ServiceException.InvalidArgument when the request is none this node could keep
   * @throws ServiceException.FailedPrecondition when the profile is not loaded
   */
  public static String of(
      LinuxContainerSecurityContext security, AppArmor node, String nodesDefault) {
    SecurityProfile wanted = wanted(security);
    return switch (wanted.getProfileType()) {
      case Unconfined -> "";
      case Localhost -> localhost(wanted, security.getPrivileged(), node);
      case RuntimeDefault ->
          security.getPrivileged() || !node.isEnabled() || nodesDefault.equals(UNCONFINED)
              ? ""
              : runtimeDefault(node, nodesDefault, isAskedFor(security));
      case UNRECOGNIZED ->
          throw new ServiceException.InvalidArgument(
              FIELD + ": unknown profile_type " + wanted.getProfileTypeValue());
    };
  }

  private static String localhost(SecurityProfile wanted, boolean privileged, AppArmor node) {
    String reference = wanted.getLocalhostRef();
    String profile =
        reference.startsWith(LOCALHOST) ? reference.substring(LOCALHOST.length()) : reference;
    if (profile.isEmpty()) {
      throw new ServiceException.InvalidArgument(FIELD + ": Localhost without localhost_ref");
    }
    if (privileged) {
      return "";
    }
    if (!node.isEnabled()) {
      throw new ServiceException.InvalidArgument(
          FIELD + ": this node has no AppArmor for profile " + profile);
    }
    String reason = node.whyNot(profile);
    if (reason != null) {
      throw new ServiceException.FailedPrecondition(FIELD + ": " + reason);
    }
    return profile;
  }

  private static String runtimeDefault(AppArmor node, String profile, boolean isAskedFor) {
    String reason = node.whyNot(profile);
    if (reason == null) {
      return profile;
    }
    if (isAskedFor || !profile.equals(ProcessSettings.OWN_APPARMOR_PROFILE)) {
      throw new ServiceException.FailedPrecondition(FIELD + ": " + reason);
    }
    node.runsWithoutOwn(reason);
    return "";
  }

  @SuppressWarnings("deprecation") // older kubelets send the old field only
  private static boolean isAskedFor(LinuxContainerSecurityContext security) {
    return security.hasApparmor() || !security.getApparmorProfile().isEmpty();
  }

  @SuppressWarnings("deprecation")
  private static SecurityProfile wanted(LinuxContainerSecurityContext security) {
    if (security.hasApparmor()) {
      return security.getApparmor();
    }
    SecurityProfile.Builder profile = SecurityProfile.newBuilder();
    String old = security.getApparmorProfile();
    if (old.startsWith(LOCALHOST)) {
      return profile.setProfileType(ProfileType.Localhost).setLocalhostRef(old).build();
    }
    return switch (old) {
      case "", "runtime/default" -> profile.setProfileType(ProfileType.RuntimeDefault).build();
      case UNCONFINED -> profile.setProfileType(ProfileType.Unconfined).build();
      default ->
          throw new ServiceException.InvalidArgument(
              FIELD + "_profile: unknown profile '" + old + "'");
    };
  }
}
