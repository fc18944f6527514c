package io.crij.linux.mount;

import com.sun.jna.Native;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.Syscall;
import java.nio.file.Path;
import java.util.Set;

/** Makes, changes and takes away mounts in the mount namespace of the calling thread. */
public final class Mounts {
  static final int AT_FDCWD = -100;

  private static final int AT_RECURSIVE = 0x8000;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int OPEN_TREE_CLONE = 1;
  private static final int MNT_DETACH = 2;
  private static final int UMOUNT_NOFOLLOW = 8;

  private Mounts() {}

  /**
   * Mounts {@code overlay} with options under which nothing in a layer is taken for overlayfs's own
   * metadata but whiteouts and opaque folders.
   */
  public static void overlay(Overlay overlay, Path target) {
    try (OverlayMount mount = new OverlayMount(overlay, target)) {
      mount.mount();
    }
  }

  /** Shows {@code source} (a folder or a file, links followed) at {@code target} too. */
  public static void bind(Path source, Path target, boolean recursive) {
    bind(source, target, recursive, Set.of());
  }

  /**
   * {@link #bind(Path, Path, boolean)} with {@code flags} in force before the mount can be seen.
   */
  public static void bind(Path source, Path target, boolean recursive, Set<MountFlag> flags) {
    int options = OPEN_TREE_CLONE | Fd.O_CLOEXEC | (recursive ? AT_RECURSIVE : 0);
    long n = MountLibc.syscall(Syscall.OPEN_TREE, AT_FDCWD, source.toString(), options);
    if (n < 0) {
      throw LinuxException.last("open_tree", source.toString());
    }
    try (Fd tree = Fd.owning((int) n)) {
      if (!flags.isEmpty()) {
        int where = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
        setAttributes(tree.number(), "", where, MountFlag.attributes(flags), 0);
      }
      FsContext.attach(tree, target);
    }
  }

  /**
   * Mounts an empty tmpfs.
   *
   * @param sizeBytes at most; 0 for the kernel's default, half of the memory
   * @param mode of its root, e.g. {@code 01777}
   */
  public static void tmpfs(Path target, long sizeBytes, int mode, Set<MountFlag> flags) {
    try (FsContext context = FsContext.open("tmpfs")) {
      context.set("source", "tmpfs");
      if (sizeBytes > 0) {
        context.set("size", Long.toString(sizeBytes));
      }
      context.set("mode", Integer.toOctalString(mode));
      context.mount(target, flags);
    }
  }

  /** Changes the propagation of the mount at {@code target}, or of all mounts below it too. */
  public static void setPropagation(Path target, Propagation propagation, boolean recursive) {
    setAttributes(AT_FDCWD, target.toString(), recursive ? AT_RECURSIVE : 0, 0, propagation.flag());
  }

  /** Adds {@code flags} to the mount at {@code target}, or to all mounts below it too. */
  public static void addFlags(Path target, Set<MountFlag> flags, boolean recursive) {
    setAttributes(
        AT_FDCWD, target.toString(), recursive ? AT_RECURSIVE : 0, MountFlag.attributes(flags), 0);
  }

  /**
   * Takes the topmost mount at {@code target} away at once; who still has it open may go on. A
   * symbolic link at {@code target} is not followed.
   *
   * @return false when nothing is mounted there, or there is no such path
   */
  public static boolean detach(Path target) {
    if (MountLibc.umount2(target.toString(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
      return true;
    }
    int errno = Native.getLastError();
    if (errno == Errno.EINVAL || errno == Errno.ENOENT) {
      return false;
    }
    throw new LinuxException("umount2", target.toString(), errno);
  }

  private static void setAttributes(
      int directory, String path, int flags, long set, long propagation) {
    // struct mount_attr: attr_set, attr_clr, propagation, userns_fd.
    long[] attributes = {set, 0, propagation, 0};
    long result =
        MountLibc.syscall(
            Syscall.MOUNT_SETATTR, directory, path, flags, attributes, 8L * attributes.length);
    if (result < 0) {
      throw LinuxException.last("mount_setattr", path);
    }
  }
}
