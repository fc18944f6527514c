package io.crij.runtime.oci.rootfs;

import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.linux.tree.Tree;
import io.crij.runtime.ServiceException;
import io.crij.runtime.oci.rootfs.UserDatabase.User;
import java.util.ArrayList;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds out whom a container runs as: by the request, else by the image (CRI, run_as_user …). */
public final class IdentityLookup {
  private static final String FIELD = "linux.security_context.";

  private final LinuxContainerSecurityContext security;
  private final String imageUser;
  private final UserDatabase database;

  IdentityLookup(LinuxContainerSecurityContext security, String imageUser, UserDatabase database) {
    this.security = security;
    this.imageUser = imageUser;
    this.database = database;
  }

  /**
   * Looks the identity up.
   *
   * @param imageUser {@code User} of the image's configuration: user, or user:group; may be empty
   * @throws ServiceException.InvalidArgument for an unknown name, or a number out of range
   */
  public static ContainerIdentity find(
      Tree rootfs, LinuxContainerSecurityContext security, String imageUser) {
    return new IdentityLookup(security, imageUser, UserDatabase.read(rootfs)).find();
  }

  /** A user, known to the database or not; {@code gid} null: nothing says it. */
  private record Found(long uid, @Nullable Long gid, @Nullable String name) {}

  ContainerIdentity find() {
    refuseContradictions();
    Found user = user();
    long gid = gid(user);
    Set<Long> groups = new TreeSet<>();
    groups.add(gid);
    switch (security.getSupplementalGroupsPolicy()) {
      case Merge -> {
        if (user.name() != null) {
          groups.addAll(database.groupsOf(user.name()));
        }
      }
      case Strict -> {}
      case UNRECOGNIZED ->
          throw new ServiceException.InvalidArgument(
              FIELD
                  + "supplemental_groups_policy: unknown value "
                  + security.getSupplementalGroupsPolicyValue());
    }
    for (long group : security.getSupplementalGroupsList()) {
      groups.add(AccountId.check(group, FIELD + "supplemental_groups"));
    }
    return new ContainerIdentity(user.uid(), gid, new ArrayList<>(groups));
  }

  private void refuseContradictions() {
    boolean user = security.hasRunAsUser();
    boolean name = !security.getRunAsUsername().isEmpty();
    if (user && name) {
      throw new ServiceException.InvalidArgument(
          FIELD + "run_as_user and run_as_username are both set");
    }
    if (security.hasRunAsGroup() && !user && !name) {
      throw new ServiceException.InvalidArgument(
          FIELD + "run_as_group is set without run_as_user or run_as_username");
    }
  }

  private Found user() {
    if (security.hasRunAsUser()) {
      return byUid(AccountId.check(security.getRunAsUser().getValue(), FIELD + "run_as_user"));
    }
    if (!security.getRunAsUsername().isEmpty()) {
      return byName(security.getRunAsUsername(), FIELD + "run_as_username");
    }
    int colon = imageUser.indexOf(':');
    String name = colon < 0 ? imageUser : imageUser.substring(0, colon);
    if (name.isEmpty()) {
      return byUid(0);
    }
    return AccountId.isNumber(name)
        ? byUid(AccountId.parse(name, "user of the image"))
        : byName(name, "user of the image");
  }

  private Found byUid(long uid) {
    User user = database.findByUid(uid);
    return user == null ? new Found(uid, null, null) : new Found(uid, user.gid(), user.name());
  }

  private Found byName(String name, String field) {
    User user = AccountId.isNumber(name) ? null : database.findByName(name);
    if (user == null) {
      throw new ServiceException.InvalidArgument(
          field + ": no user '" + name + "' in the image's /etc/passwd");
    }
    return new Found(user.uid(), user.gid(), user.name());
  }

  private long gid(Found user) {
    if (security.hasRunAsGroup()) {
      return AccountId.check(security.getRunAsGroup().getValue(), FIELD + "run_as_group");
    }
    boolean requested = security.hasRunAsUser() || !security.getRunAsUsername().isEmpty();
    int colon = imageUser.indexOf(':');
    if (!requested && colon >= 0 && colon + 1 < imageUser.length()) {
      return imageGroup(imageUser.substring(colon + 1));
    }
    return user.gid() == null ? 0 : user.gid();
  }

  private long imageGroup(String group) {
    if (AccountId.isNumber(group)) {
      return AccountId.parse(group, "group of the image's user");
    }
    Long gid = database.findGroup(group);
    if (gid == null) {
      throw new ServiceException.InvalidArgument(
          "group of the image's user: no group '" + group + "' in the image's /etc/group");
    }
    return gid;
  }
}
