package io.crij.linux.mount;

import com.sun.jna.Native;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.Syscall;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;

/** Makes, changes and takes away mounts in the mount namespace of the calling thread. */
public final class Mounts {
  static final int AT_FDCWD = -100;

  private static final int AT_RECURSIVE = 0x8000;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int OPEN_TREE_CLONE = 1;
  private static final long MOUNT_ATTR_IDMAP = 0x0010_0000;
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

  /**
   * A read-only mount of an EROFS image whose second device is another file; it is nowhere until it
   * is attached, and gone when it is closed before.
   *
   * @throws LinuxException ENODEV without EROFS, ENOTBLK without file-backed mounts, or when the
   *     files are on a file system that cannot back one
   */
  public static Fd erofs(Path image, Path device) {
    try (FsContext context = FsContext.open("erofs");
        Fd imageFd = Fd.open(image.toString(), Fd.O_PATH, 0);
        Fd deviceFd = Fd.open(device.toString(), Fd.O_PATH, 0)) {
      context.set("source", brief(image, imageFd));
      context.set("device", brief(device, deviceFd));
      context.setFlag("ro");
      return context.create(Set.of(MountFlag.READ_ONLY, MountFlag.NOSUID, MountFlag.NODEV));
    }
  }

  /** The kernel takes no long value; a path of people's own says more in mountinfo. */
  private static String brief(Path path, Fd fd) {
    String name = path.toString();
    boolean fits = name.getBytes(StandardCharsets.UTF_8).length <= FsContext.MAX_VALUE_BYTES;
    return fits ? name : fd.procPath();
  }

  /** Puts a mount that is nowhere yet at {@code target}. */
  public static void attach(Fd mount, Path target) {
    FsContext.attach(mount, target);
  }

  /**
   * Shows {@code source}, a folder, at {@code target} too, there with its owners mapped as {@code
   * userNamespace} maps them (mount_setattr(2), MOUNT_ATTR_IDMAP): what belongs to 0 belongs to the
   * host's user that is 0 inside.
   *
   * @throws LinuxException EINVAL when the file system cannot be mapped
   */
  public static void bindMapped(Path source, Fd userNamespace, Path target) {
    try (Fd tree = clone(source, false)) {
      long[] attributes = {MOUNT_ATTR_IDMAP, 0, 0, userNamespace.number()};
      setAttributes(tree.number(), "", AT_EMPTY_PATH, attributes);
      FsContext.attach(tree, target);
    }
  }

  /** Whether {@link #bindMapped} could show {@code source}. */
  public static boolean canMap(Path source, Fd userNamespace) {
    try (Fd tree = clone(source, false)) {
      long[] attributes = {MOUNT_ATTR_IDMAP, 0, 0, userNamespace.number()};
      setAttributes(tree.number(), "", AT_EMPTY_PATH, attributes);
      return true;
    } catch (LinuxException _) {
      return false;
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
    try (Fd tree = clone(source, recursive)) {
      if (!flags.isEmpty()) {
        int where = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
        setAttributes(tree.number(), "", where, MountFlag.attributes(flags), 0);
      }
      FsContext.attach(tree, target);
    }
  }

  /** A copy of a mount, or of a part of it, that is nowhere yet. */
  private static Fd clone(Path source, boolean recursive) {
    int options = OPEN_TREE_CLONE | Fd.O_CLOEXEC | (recursive ? AT_RECURSIVE : 0);
    long n = MountLibc.syscall(Syscall.OPEN_TREE, AT_FDCWD, source.toString(), options);
    if (n < 0) {
      throw LinuxException.last("open_tree", source.toString());
    }
    return Fd.owning((int) n);
  }

  /**
   * Mounts an empty tmpfs.
   *
   * @param sizeBytes at most; 0 for the kernel's default, half of the memory
   * @param mode of its root, e.g. {@code 01777}
   */
  public static void tmpfs(Path target, long sizeBytes, int mode, Set<MountFlag> flags) {
    tmpfs(target, sizeBytes, mode, flags, "");
  }

  /**
   * As {@link #tmpfs(Path, long, int, Set)}.
   *
   * @param label of SELinux that all its files have; empty: the policy's
   */
  public static void tmpfs(
      Path target, long sizeBytes, int mode, Set<MountFlag> flags, String label) {
    try (FsContext context = FsContext.open("tmpfs")) {
      context.set("source", "tmpfs");
      if (sizeBytes > 0) {
        context.set("size", Long.toString(sizeBytes));
      }
      context.set("mode", Integer.toOctalString(mode));
      context.setLabel(label);
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
    setAttributes(directory, path, flags, new long[] {set, 0, propagation, 0});
  }

  /** Takes struct mount_attr: attr_set, attr_clr, propagation, userns_fd. */
  private static void setAttributes(int directory, String path, int flags, long[] attributes) {
    long result =
        MountLibc.syscall(
            Syscall.MOUNT_SETATTR, directory, path, flags, attributes, 8L * attributes.length);
    if (result < 0) {
      throw LinuxException.last("mount_setattr", path);
    }
  }
}
