package io.crij.image.erofs;

import io.crij.linux.Errno;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.FileType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Which extended attributes a file can have, as the kernel decides it when they are set (xattr(7),
 * acl(5), capabilities(7)): nobody would look at them again.
 */
final class XattrRules {
  static final String USER = "user.";
  static final String TRUSTED = "trusted.";
  static final String SECURITY = "security.";
  static final String ACL_ACCESS = "system.posix_acl_access";
  static final String ACL_DEFAULT = "system.posix_acl_default";

  private static final String CAPABILITY = "security.capability";
  private static final int MOST_NAME_BYTES = 255;
  private static final int MOST_VALUE_BYTES = 65_535;
  private static final int ACL_VERSION = 2;
  private static final int ACL_ENTRY_BYTES = 8;
  private static final int CAPABILITY_2_BYTES = 20;
  private static final int CAPABILITY_3_BYTES = 24;

  private XattrRules() {}

  /**
   * Whether a file of this type can have the attribute; one that it cannot have is left out.
   *
   * @throws LinuxException when the name or the value is wrong
   */
  static boolean allow(FileType type, String key, byte[] value) {
    boolean file = type == FileType.REGULAR || type == FileType.DIRECTORY;
    boolean known =
        key.equals(ACL_ACCESS)
            || key.equals(ACL_DEFAULT)
            || key.startsWith(TRUSTED)
            || key.startsWith(SECURITY)
            || (key.startsWith(USER) && file);
    if (!known) {
      return false;
    }
    if (key.endsWith(".")) {
      throw failure(key, Errno.EINVAL);
    }
    if (key.getBytes(StandardCharsets.UTF_8).length > MOST_NAME_BYTES) {
      throw failure(key, Errno.ERANGE);
    }
    if (value.length > MOST_VALUE_BYTES) {
      throw failure(key, Errno.E2BIG);
    }
    return switch (key) {
      case ACL_ACCESS, ACL_DEFAULT -> type != FileType.SYMLINK && isAcl(type, key, value);
      case CAPABILITY -> isCapability(key, value);
      default -> true;
    };
  }

  private static boolean isAcl(FileType type, String key, byte[] value) {
    if (key.equals(ACL_DEFAULT) && type != FileType.DIRECTORY) {
      throw failure(key, Errno.EACCES);
    }
    boolean whole =
        value.length > Integer.BYTES
            && (value.length - Integer.BYTES) % ACL_ENTRY_BYTES == 0
            && little(value).getInt() == ACL_VERSION;
    if (!whole) {
      throw failure(key, Errno.EINVAL);
    }
    return true;
  }

  private static boolean isCapability(String key, byte[] value) {
    int version = value.length < Integer.BYTES ? 0 : little(value).getInt() >>> 24;
    boolean whole =
        (version == 2 && value.length == CAPABILITY_2_BYTES)
            || (version == 3 && value.length == CAPABILITY_3_BYTES);
    if (!whole) {
      throw failure(key, Errno.EINVAL);
    }
    return true;
  }

  private static ByteBuffer little(byte[] value) {
    return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static LinuxException failure(String key, int errno) {
    return new LinuxException("setxattr", key, errno);
  }
}
