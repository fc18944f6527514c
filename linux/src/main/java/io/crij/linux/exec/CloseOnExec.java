package io.crij.linux.exec;

import io.crij.linux.Errno;
import io.crij.linux.LinuxException;
import io.crij.linux.Syscall;

/** Which descriptors a program gets that takes this one's place. */
public final class CloseOnExec {
  private static final int F_GETFD = 1;
  private static final int F_SETFD = 2;
  private static final int CLOSE_RANGE_CLOEXEC = 4;
  private static final int FIRST = 3;
  private static final long LAST = 0xffff_ffffL;

  private CloseOnExec() {}

  /** None but stdin, stdout and stderr, whatever libraries have opened: close_range(2). */
  public static void all() {
    Syscall.call(
        "close_range", "close-on-exec", Syscall.CLOSE_RANGE, FIRST, LAST, CLOSE_RANGE_CLOEXEC);
  }

  /** This one too. */
  static void clear(int number) {
    if (ExecLibrary.fcntl(number, F_SETFD, 0) != 0) {
      throw LinuxException.last("F_SETFD", "fd " + number);
    }
  }

  /** Whether this number names an open descriptor. */
  public static boolean isOpen(int number) {
    if (ExecLibrary.fcntl(number, F_GETFD, 0) >= 0) {
      return true;
    }
    LinuxException failure = LinuxException.last("F_GETFD", "fd " + number);
    if (failure.errno() == Errno.EBADF) {
      return false;
    }
    throw failure;
  }
}
