package io.crij.runtime.oci.seccomp;

import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.cri.v1.SecurityProfile;
import io.crij.runtime.ServiceException;
import io.crij.runtime.settings.SeccompSettings;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The filter a container asks for (CRI, SecurityProfile). */
public final class SeccompFilter {
  private static final String FIELD = "linux.security_context.seccomp";
  private static final String LOCALHOST = "localhost/";
  private static final Architecture ARCHITECTURE = Architecture.current();
  private static final CallOrder ORDER = CallOrder.load(ARCHITECTURE);
  private static final DefaultProfile DEFAULT = DefaultProfile.load(ARCHITECTURE, ORDER);

  private SeccompFilter() {}

  /**
   * The filter.
   *
   * @param node profiles of the node
   * @param capabilities of the container's bounding set
   * @param supported whether the kernel has seccomp
   * @return not to be changed: others have it too; null: none
   * @throws ServiceException.InvalidArgument when the profile cannot be had: never unconfined
   *     instead
   */
  public static @Nullable ObjectNode of(
      LinuxContainerSecurityContext security,
      SeccompSettings node,
      Set<String> capabilities,
      boolean supported) {
    ObjectNode filter =
        security.getPrivileged()
            ? ofFile(node.privileged(), capabilities)
            : ofProfile(profile(security), node, capabilities);
    if (filter != null && !supported) {
      throw new ServiceException.InvalidArgument(FIELD + ": this node's kernel has no seccomp");
    }
    return filter;
  }

  private static @Nullable ObjectNode ofProfile(
      SecurityProfile profile, SeccompSettings node, Set<String> capabilities) {
    return switch (profile.getProfileType()) {
      case Unconfined -> null;
      case RuntimeDefault ->
          node.standard() == null
              ? DEFAULT.filter(capabilities)
              : ofFile(node.standard(), capabilities);
      case Localhost -> localhost(profile.getLocalhostRef(), capabilities);
      case UNRECOGNIZED ->
          throw new ServiceException.InvalidArgument(
              FIELD + ": unknown profile_type " + profile.getProfileTypeValue());
    };
  }

  private static @Nullable ObjectNode ofFile(@Nullable Path file, Set<String> capabilities) {
    return file == null ? null : ProfileFile.read(file).filter(ARCHITECTURE, ORDER, capabilities);
  }

  private static ObjectNode localhost(String reference, Set<String> capabilities) {
    if (!reference.startsWith("/") || reference.indexOf('\0') >= 0) {
      throw new ServiceException.InvalidArgument(
          FIELD + ": localhost_ref is not an absolute path: '" + reference + "'");
    }
    return ProfileFile.read(Path.of(reference)).filter(ARCHITECTURE, ORDER, capabilities);
  }

  // No profile at all means unconfined (CRI: "Default: "", which is identical with unconfined").
  @SuppressWarnings("deprecation") // older kubelets send the old field only
  private static SecurityProfile profile(LinuxContainerSecurityContext security) {
    if (security.hasSeccomp()) {
      return security.getSeccomp();
    }
    SecurityProfile.Builder profile = SecurityProfile.newBuilder();
    String old = security.getSeccompProfilePath();
    if (old.startsWith(LOCALHOST)) {
      return profile
          .setProfileType(SecurityProfile.ProfileType.Localhost)
          .setLocalhostRef(old.substring(LOCALHOST.length()))
          .build();
    }
    return switch (old) {
      case "", "unconfined" ->
          profile.setProfileType(SecurityProfile.ProfileType.Unconfined).build();
      case "runtime/default", "docker/default" ->
          profile.setProfileType(SecurityProfile.ProfileType.RuntimeDefault).build();
      default ->
          throw new ServiceException.InvalidArgument(
              "linux.security_context.seccomp_profile_path: unknown profile '" + old + "'");
    };
  }
}
