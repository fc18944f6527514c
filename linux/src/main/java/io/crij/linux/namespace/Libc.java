package io.crij.linux.namespace;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * The C functions of this package. Those used on a thread that has left the program's namespaces
 * take memory that was allocated elsewhere: JNA's own allocations can start a cleaner thread.
 */
final class Libc {
  static {
    Native.register(Libc.class, "c");
  }

  private Libc() {}

  static native int setns(int fd, int type);

  static native int unshare(int flags);

  static native int gettid();

  static native int sethostname(Pointer name, long length);

  static native int socket(int domain, int type, int protocol);

  static native int connect(int socket, Pointer address, int length);

  static native int setsockopt(int socket, int level, int option, Pointer value, int length);

  static native int ioctl(int fd, long request, @Nullable Pointer argument);

  static native int open(Pointer path, int flags, int mode);

  static native long write(int fd, Pointer buffer, long count);

  static native int close(int fd);

  static native int fstatfs(int fd, Pointer buffer);
}
