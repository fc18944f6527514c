package io.crij.linux.mount;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** The C functions that mounting needs; the new mount API is reached by number. */
final class MountLibc {
  static {
    Native.register(MountLibc.class, "c");
  }

  private MountLibc() {}

  static native int umount2(String target, int flags);

  static native int mount(String source, String target, String type, long flags, String data);

  static native int statfs(String path, Pointer result);

  static native long read(int fd, byte[] buffer, long count);

  /** open_tree(dirfd, path, flags). */
  static native long syscall(long number, int dirfd, String path, int flags);

  /** fsopen(type, flags). */
  static native long syscall(long number, String type, int flags);

  /** fsmount(fd, flags, attributes). */
  static native long syscall(long number, int fd, int flags, int attributes);

  /** fsconfig(fd, command, key, value, auxiliary). */
  static native long syscall(
      long number, int fd, int command, @Nullable String key, @Nullable String value, int aux);

  /** move_mount(from, fromPath, to, toPath, flags). */
  static native long syscall(
      long number, int from, String fromPath, int to, String toPath, int flags);

  /** mount_setattr(dirfd, path, flags, attributes, size). */
  static native long syscall(
      long number, int dirfd, String path, int flags, long[] attributes, long size);
}
