package io.crij.runtime.selinux;

import io.crij.cri.v1.SELinuxOption;
import io.crij.runtime.ServiceException;
import java.util.regex.Pattern;

/**
 * A security context: {@code user:role:type:level}.
 *
 * @param level with categories, as {@code s0:c1,c2}; empty where the policy has no levels
 */
record Label(String user, String role, String type, String level) {
  private static final Pattern PART = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
  private static final Pattern LEVEL = Pattern.compile("[A-Za-z0-9_.,:-]{0,120}");
  private static final int PARTS = 4;

  /** The role of everything that is no process. */
  private static final String OBJECT = "object_r";

  Label {
    require("user", user, PART);
    require("role", role, PART);
    require("type", type, PART);
    require("level", level, LEVEL);
  }

  private static void require(String part, String text, Pattern pattern) {
    if (!pattern.matcher(text).matches()) {
      throw new ServiceException.InvalidArgument(
          "linux.security_context.selinux_options." + part + ": '" + text + "' cannot be one");
    }
  }

  /**
   * @throws ServiceException.InvalidArgument when it has less than three parts, or one cannot be
   */
  static Label parse(String text) {
    String[] parts = text.split(":", PARTS);
    if (parts.length < PARTS - 1) {
      throw new ServiceException.InvalidArgument("'" + text + "' is no label of SELinux");
    }
    return new Label(parts[0], parts[1], parts[2], parts.length == PARTS ? parts[PARTS - 1] : "");
  }

  static Label of(SELinuxOption option) {
    return new Label(option.getUser(), option.getRole(), option.getType(), option.getLevel());
  }

  /** This one, with the parts that are asked for in the place of its own. */
  Label with(SELinuxOption asked) {
    return new Label(
        orOwn(asked.getUser(), user),
        orOwn(asked.getRole(), role),
        orOwn(asked.getType(), type),
        orOwn(asked.getLevel(), level));
  }

  private static String orOwn(String asked, String own) {
    return asked.isEmpty() ? own : asked;
  }

  Label withLevel(String newLevel) {
    return new Label(user, role, type, newLevel);
  }

  /** That of files of this type which processes with this label may use. */
  Label ofFiles(String fileType) {
    return new Label(user, OBJECT, fileType, level);
  }

  SELinuxOption option() {
    return SELinuxOption.newBuilder()
        .setUser(user)
        .setRole(role)
        .setType(type)
        .setLevel(level)
        .build();
  }

  @Override
  public String toString() {
    String label = user + ":" + role + ":" + type;
    return level.isEmpty() ? label : label + ":" + level;
  }
}
