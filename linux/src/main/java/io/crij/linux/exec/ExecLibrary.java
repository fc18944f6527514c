package io.crij.linux.exec;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** The functions of the C library that deal with execve(2). */
final class ExecLibrary {
  static {
    Native.register(ExecLibrary.class, "c");
  }

  private ExecLibrary() {}

  static native int execve(Pointer path, Pointer arguments, Pointer environment);

  // Returns the error number itself.
  static native int pthread_sigmask(int how, Pointer set, Pointer old);

  static native int memfd_create(String name, int flags);

  // Not declared variadic: integer arguments travel in the same registers on x86-64 and AArch64.
  static native int fcntl(int fd, int command, int argument);
}
