package io.crij.linux.tree;

import com.sun.jna.Native;
import org.jspecify.annotations.Nullable;

/** The C functions below a folder. Paths are bytes that end with a zero byte. */
final class TreeLibc {
  static final int AT_SYMLINK_NOFOLLOW = 0x100;
  static final int AT_REMOVEDIR = 0x200;
  static final int AT_EMPTY_PATH = 0x1000;

  static {
    Native.register(TreeLibc.class, "c");
  }

  private TreeLibc() {}

  static native int openat(int directory, byte[] path, int flags, int mode);

  /** openat2(directory, path, how, size). */
  static native long syscall(long number, int directory, byte[] path, long[] how, long size);

  /** landlock_create_ruleset(attributes, size, flags). */
  static native long syscall(long number, long @Nullable [] attributes, long size, int flags);

  /** landlock_add_rule(ruleset, type, rule, flags). */
  static native long syscall(long number, int ruleset, int type, byte[] rule, int flags);

  /** landlock_restrict_self(ruleset, flags). */
  static native long syscall(long number, int ruleset, int flags);

  static native int prctl(int option, long a, long b, long c, long d);

  static native int mkdirat(int directory, byte[] path, int mode);

  static native int symlinkat(byte[] target, int directory, byte[] path);

  static native int linkat(int from, byte[] fromPath, int to, byte[] toPath, int flags);

  static native int renameat(int from, byte[] fromPath, int to, byte[] toPath);

  static native int mknodat(int directory, byte[] path, int mode, long device);

  static native int unlinkat(int directory, byte[] path, int flags);

  static native long readlinkat(int directory, byte[] path, byte[] buffer, long size);

  static native int fchownat(int directory, byte[] path, int uid, int gid, int flags);

  static native int fchmodat(int directory, byte[] path, int mode, int flags);

  static native int fchmod(int fd, int mode);

  static native int utimensat(int directory, byte[] path, long[] times, int flags);

  static native int futimens(int fd, long[] times);

  static native int statx(int directory, byte[] path, int flags, int mask, byte[] result);

  static native long getdents64(int fd, byte[] buffer, long size);

  static native int lsetxattr(byte[] path, byte[] name, byte[] value, long size, int flags);

  static native long lgetxattr(byte[] path, byte[] name, byte[] value, long size);

  static native long llistxattr(byte[] path, byte[] list, long size);

  static native int syncfs(int fd);

  static native long lseek(int fd, long offset, int whence);

  static native int ftruncate(int fd, long length);
}
