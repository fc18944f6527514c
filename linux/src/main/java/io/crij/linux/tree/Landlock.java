package io.crij.linux.tree;

import com.sun.jna.Native;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.Syscall;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Takes the calling thread, and all it starts later, the right to change files elsewhere than below
 * one folder (landlock(7)). There is no way back.
 *
 * <p>Only for threads of their own whose code starts no other thread: a carrier of virtual threads
 * started from here would hand the restriction to whatever runs on it later.
 */
public final class Landlock {
  // LANDLOCK_ACCESS_FS_*: write_file, remove_dir, remove_file, make_char, make_dir, make_reg,
  // make_sock, make_fifo, make_block, make_sym.
  private static final long WRITE = (1L << 1) | 0x1ff0;
  private static final long REFER = 1L << 13;
  private static final long TRUNCATE = 1L << 14;
  private static final int ABI_REFER = 2;
  private static final int ABI_TRUNCATE = 3;

  private static final int VERSION = 1;
  private static final int PATH_BENEATH = 1;
  private static final int RULE_BYTES = 12;
  private static final int PR_SET_NO_NEW_PRIVS = 38;

  private Landlock() {}

  /** Whether this kernel has Landlock, and it is on. */
  public static boolean isAvailable() {
    return abi() > 0;
  }

  /**
   * Restricts the calling thread.
   *
   * @return false when this kernel has no Landlock, or it is off: nothing is restricted then
   */
  public static boolean restrictWritesTo(Fd folder) {
    int abi = abi();
    if (abi <= 0) {
      return false;
    }
    long access = WRITE | (abi >= ABI_REFER ? REFER : 0) | (abi >= ABI_TRUNCATE ? TRUNCATE : 0);
    long n = TreeLibc.syscall(Syscall.LANDLOCK_CREATE_RULESET, new long[] {access}, 8, 0);
    if (n < 0) {
      throw LinuxException.last("landlock_create_ruleset", folder.toString());
    }
    try (Fd ruleset = Fd.owning((int) n)) {
      ByteBuffer rule = ByteBuffer.allocate(RULE_BYTES).order(ByteOrder.nativeOrder());
      rule.putLong(access).putInt(folder.number());
      if (TreeLibc.syscall(
              Syscall.LANDLOCK_ADD_RULE, ruleset.number(), PATH_BENEATH, rule.array(), 0)
          < 0) {
        throw LinuxException.last("landlock_add_rule", folder.toString());
      }
      if (TreeLibc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        throw LinuxException.last("prctl", "PR_SET_NO_NEW_PRIVS");
      }
      if (TreeLibc.syscall(Syscall.LANDLOCK_RESTRICT_SELF, ruleset.number(), 0) < 0) {
        throw LinuxException.last("landlock_restrict_self", folder.toString());
      }
    }
    return true;
  }

  private static int abi() {
    long version = TreeLibc.syscall(Syscall.LANDLOCK_CREATE_RULESET, null, 0, VERSION);
    if (version >= 0) {
      return (int) version;
    }
    int errno = Native.getLastError();
    if (errno == Errno.ENOSYS || errno == Errno.EOPNOTSUPP) {
      return 0;
    }
    throw new LinuxException("landlock_create_ruleset", "version", errno);
  }
}
