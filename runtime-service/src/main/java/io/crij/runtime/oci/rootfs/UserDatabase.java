package io.crij.runtime.oci.rootfs;

import io.crij.linux.tree.Tree;
import io.crij.runtime.ServiceException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Users and groups of a root file system: {@code /etc/passwd} and {@code /etc/group}. */
final class UserDatabase {
  // name:password:uid:gid:comment:home:shell
  private static final int PASSWD_FIELDS = 4;
  // name:password:gid:members
  private static final int GROUP_FIELDS = 3;
  // NGROUPS_MAX of Linux.
  private static final int GROUPS_LIMIT = 65_536;

  /**
   * An account.
   *
   * @param gid of its primary group
   */
  record User(String name, long uid, long gid) {}

  private final AccountFile users;
  private final AccountFile groups;

  UserDatabase(byte[] passwd, byte[] group) {
    this.users = new AccountFile(passwd, PASSWD_FIELDS);
    this.groups = new AccountFile(group, GROUP_FIELDS);
  }

  static UserDatabase read(Tree tree) {
    return new UserDatabase(
        RootfsFile.read(tree, "/etc/passwd"), RootfsFile.read(tree, "/etc/group"));
  }

  @Nullable User findByName(String name) {
    for (List<String> fields : users) {
      if (fields.getFirst().equals(name)) {
        User user = user(fields);
        if (user != null) {
          return user;
        }
      }
    }
    return null;
  }

  @Nullable User findByUid(long uid) {
    for (List<String> fields : users) {
      User user = user(fields);
      if (user != null && user.uid() == uid) {
        return user;
      }
    }
    return null;
  }

  /** The group's number, or null. */
  @Nullable Long findGroup(String name) {
    for (List<String> fields : groups) {
      if (fields.getFirst().equals(name) && AccountId.isValid(fields.get(2))) {
        return AccountId.parse(fields.get(2), "/etc/group");
      }
    }
    return null;
  }

  /**
   * Numbers of the groups that list this user as a member.
   *
   * @throws ServiceException.InvalidArgument when they are more than a process can have
   */
  Set<Long> groupsOf(String user) {
    Set<Long> numbers = new TreeSet<>();
    if (user.indexOf(',') >= 0) {
      return numbers;
    }
    for (List<String> fields : groups) {
      if (fields.size() > GROUP_FIELDS
          && ("," + fields.get(3) + ",").contains("," + user + ",")
          && AccountId.isValid(fields.get(2))) {
        numbers.add(AccountId.parse(fields.get(2), "/etc/group"));
        if (numbers.size() > GROUPS_LIMIT) {
          throw new ServiceException.InvalidArgument(
              "/etc/group of the image: a user is in more than " + GROUPS_LIMIT + " groups");
        }
      }
    }
    return numbers;
  }

  private static @Nullable User user(List<String> fields) {
    if (!AccountId.isValid(fields.get(2)) || !AccountId.isValid(fields.get(3))) {
      return null;
    }
    return new User(
        fields.getFirst(),
        AccountId.parse(fields.get(2), "/etc/passwd"),
        AccountId.parse(fields.get(3), "/etc/passwd"));
  }
}
