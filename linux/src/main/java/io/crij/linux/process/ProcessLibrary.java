package io.crij.linux.process;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** The functions of the C library that deal with processes. */
final class ProcessLibrary {
  static {
    Native.register(ProcessLibrary.class, "c");
  }

  private ProcessLibrary() {}

  // The posix_spawn family returns the error number itself.
  static native int posix_spawn(
      Pointer pid,
      String path,
      Pointer fileActions,
      Pointer attributes,
      Pointer arguments,
      Pointer environment);

  static native int posix_spawn_file_actions_init(Pointer actions);

  static native int posix_spawn_file_actions_adddup2(Pointer actions, int fd, int newFd);

  static native int posix_spawn_file_actions_addchdir_np(Pointer actions, String path);

  static native int posix_spawn_file_actions_addclosefrom_np(Pointer actions, int from);

  static native int posix_spawn_file_actions_destroy(Pointer actions);

  static native int posix_spawnattr_init(Pointer attributes);

  static native int posix_spawnattr_setflags(Pointer attributes, short flags);

  static native int posix_spawnattr_setsigmask(Pointer attributes, Pointer set);

  static native int posix_spawnattr_setsigdefault(Pointer attributes, Pointer set);

  static native int posix_spawnattr_destroy(Pointer attributes);

  static native int waitid(int idType, int id, Pointer info, int options);

  static native int poll(Pointer fds, long count, int timeoutMillis);

  static native int getpid();

  static native int setsid();

  static native @Nullable Pointer signal(int number, @Nullable Pointer handler);

  static native int getrlimit(int resource, Pointer limit);

  static native int setrlimit(int resource, Pointer limit);

  // Not declared variadic: integer arguments travel in the same registers on x86-64 and AArch64.
  static native int prctl(int option, long a, long b, long c, long d);

  static native int ioctl(int fd, long request, Pointer argument);
}
