package io.crij.linux;

import com.sun.jna.Native;

/**
 * A system call failed. The message names the call, what it was applied to, and the kernel's
 * reason.
 */
public final class LinuxException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int errno;

  public LinuxException(String call, String subject, int errno) {
    super(call + " " + subject + ": " + Libc.strerror(errno));
    this.errno = errno;
  }

  /** The failure of the call this thread made last. */
  public static LinuxException last(String call, String subject) {
    return new LinuxException(call, subject, Native.getLastError());
  }

  /** One of {@link Errno}. */
  public int errno() {
    return errno;
  }
}
