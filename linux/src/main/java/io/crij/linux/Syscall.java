package io.crij.linux;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/**
 * System calls by number, for those the C library has no function for. Numbers from 424 on are the
 * same on all architectures; older calls are made through the C library instead.
 */
public final class Syscall {
  public static final int OPEN_TREE = 428;
  public static final int MOVE_MOUNT = 429;
  public static final int FSOPEN = 430;
  public static final int FSCONFIG = 431;
  public static final int FSMOUNT = 432;
  public static final int PIDFD_OPEN = 434;
  public static final int CLOSE_RANGE = 436;
  public static final int OPENAT2 = 437;
  public static final int PIDFD_SEND_SIGNAL = 424;
  public static final int MOUNT_SETATTR = 442;
  public static final int LANDLOCK_CREATE_RULESET = 444;
  public static final int LANDLOCK_ADD_RULE = 445;
  public static final int LANDLOCK_RESTRICT_SELF = 446;

  private Syscall() {}

  /**
   * Makes the call and returns its result.
   *
   * @param name the call's name, for the error
   * @param subject what it is applied to, for the error
   * @throws LinuxException when the result is -1
   */
  public static long call(String name, String subject, int number, long... arguments) {
    long[] a = new long[6];
    System.arraycopy(arguments, 0, a, 0, arguments.length);
    long result = Libc.syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (result == -1) {
      throw new LinuxException(name, subject, Native.getLastError());
    }
    return result;
  }

  /** The address of native memory, as an argument; 0 for none. */
  public static long address(Pointer memory) {
    return Pointer.nativeValue(memory);
  }
}
