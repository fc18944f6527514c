package io.crij.linux;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** The C library, mapped directly. Each package below maps the functions it alone needs. */
final class Libc {
  static {
    Native.register(Libc.class, "c");
  }

  private Libc() {}

  static native int close(int fd);

  static native int open(String path, int flags, int mode);

  static native long read(int fd, Pointer buffer, long count);

  static native long write(int fd, Pointer buffer, long count);

  static native int fsync(int fd);

  static native String strerror(int errno);

  // Not declared variadic: integer arguments travel in the same registers on x86-64 and AArch64.
  static native long syscall(long number, long a, long b, long c, long d, long e, long f);
}
