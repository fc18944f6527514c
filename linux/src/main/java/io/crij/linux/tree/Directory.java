package io.crij.linux.tree;

import com.sun.jna.Native;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An open folder and the entries right in it. No method follows a symbolic link, and none replaces
 * what is there.
 */
public final class Directory implements AutoCloseable {
  private static final int PRIVATE_FILE = 0600;
  private static final int PRIVATE_FOLDER = 0700;
  private static final byte[] HERE = {0};

  private final Fd fd;

  Directory(Fd fd) {
    this.fd = fd;
  }

  /** Opens the folder {@code name}. */
  public Directory open(Name name) {
    int flags = Fd.O_RDONLY | Fd.O_DIRECTORY | Fd.O_NOFOLLOW | Fd.O_CLOEXEC;
    int n = TreeLibc.openat(fd.number(), name.terminated(), flags, 0);
    return new Directory(Fd.owning(checked(n, "openat", name)));
  }

  /** Opens the regular file {@code name} to read; anything else is ELOOP or EINVAL. */
  public Fd openFile(Name name) {
    int flags = Fd.O_RDONLY | Fd.O_NOFOLLOW | Fd.O_NONBLOCK | Fd.O_NOCTTY | Fd.O_CLOEXEC;
    Stat stat = stat(name);
    if (stat != null && stat.type() != FileType.REGULAR) {
      throw new LinuxException("openat", name.toString(), Errno.EINVAL);
    }
    return Fd.owning(
        checked(TreeLibc.openat(fd.number(), name.terminated(), flags, 0), "openat", name));
  }

  /** Makes an empty file for root alone, open to write. */
  public Fd createFile(Name name) {
    int flags = Fd.O_WRONLY | Fd.O_CREAT | Fd.O_EXCL | Fd.O_NOFOLLOW | Fd.O_CLOEXEC;
    return Fd.owning(
        checked(
            TreeLibc.openat(fd.number(), name.terminated(), flags, PRIVATE_FILE), "openat", name));
  }

  /** Makes a folder for root alone. */
  public void createDirectory(Name name) {
    checked(TreeLibc.mkdirat(fd.number(), name.terminated(), PRIVATE_FOLDER), "mkdirat", name);
  }

  /** Makes a symbolic link; {@code target} is not looked at. */
  public void createSymlink(Name name, byte[] target) {
    byte[] terminated = Arrays.copyOf(target, target.length + 1);
    checked(TreeLibc.symlinkat(terminated, fd.number(), name.terminated()), "symlinkat", name);
  }

  /** Makes {@code name} another name of what {@code existing} is in {@code folder}. */
  public void createLink(Name name, Directory folder, Name existing) {
    checked(
        TreeLibc.linkat(
            folder.fd.number(), existing.terminated(), fd.number(), name.terminated(), 0),
        "linkat",
        name);
  }

  /** Makes a device node, FIFO or socket for root alone. */
  public void createNode(Name name, FileType type, int major, int minor) {
    int mode = type.bits() | PRIVATE_FILE;
    long device = deviceNumber(major, minor);
    checked(TreeLibc.mknodat(fd.number(), name.terminated(), mode, device), "mknodat", name);
  }

  /** As glibc's makedev: the halves of both numbers are interleaved. */
  private static long deviceNumber(int major, int minor) {
    long high = major & 0xffffffffL;
    long low = minor & 0xffffffffL;
    return ((high & 0xfffff000L) << 32)
        | ((high & 0xfff) << 8)
        | ((low & 0xffffff00L) << 12)
        | (low & 0xff);
  }

  /** Gives {@code name} its owner, then its mode, which changing the owner may have narrowed. */
  public void setOwnerAndMode(Name name, Attributes attributes) {
    byte[] path = name.terminated();
    int uid = attributes.uid();
    int gid = attributes.gid();
    checked(
        TreeLibc.fchownat(fd.number(), path, uid, gid, TreeLibc.AT_SYMLINK_NOFOLLOW),
        "fchownat",
        name);
    Stat stat = stat(name);
    if (stat == null || stat.type() != FileType.SYMLINK) {
      checked(
          TreeLibc.fchmodat(fd.number(), path, attributes.mode(), TreeLibc.AT_SYMLINK_NOFOLLOW),
          "fchmodat",
          name);
    }
  }

  public void setModified(Name name, FileTime time) {
    checked(
        TreeLibc.utimensat(
            fd.number(), name.terminated(), time.timespecs(), TreeLibc.AT_SYMLINK_NOFOLLOW),
        "utimensat",
        name);
  }

  /** {@link #setOwnerAndMode(Name, Attributes)} of an open file. */
  public static void setOwnerAndMode(Fd file, Attributes attributes) {
    int uid = attributes.uid();
    int gid = attributes.gid();
    if (TreeLibc.fchownat(file.number(), HERE, uid, gid, TreeLibc.AT_EMPTY_PATH) != 0) {
      throw LinuxException.last("fchown", file.toString());
    }
    if (TreeLibc.fchmod(file.number(), attributes.mode()) != 0) {
      throw LinuxException.last("fchmod", file.toString());
    }
  }

  public static void setModified(Fd file, FileTime time) {
    if (TreeLibc.futimens(file.number(), time.timespecs()) != 0) {
      throw LinuxException.last("futimens", file.toString());
    }
  }

  /** This folder's own descriptor, open to read. */
  public Fd fd() {
    return fd;
  }

  public Xattrs xattrs(Name name) {
    return Xattrs.of(fd, name);
  }

  /** This folder's own. */
  public Xattrs xattrs() {
    return Xattrs.ofItself(fd);
  }

  /** What {@code name} is, null when there is no such entry. */
  public @Nullable Stat stat(Name name) {
    byte[] result = new byte[Stat.SIZE];
    int flags = TreeLibc.AT_SYMLINK_NOFOLLOW;
    if (TreeLibc.statx(fd.number(), name.terminated(), flags, Stat.BASIC_STATS, result) != 0) {
      int errno = Native.getLastError();
      if (errno == Errno.ENOENT) {
        return null;
      }
      throw new LinuxException("statx", name.toString(), errno);
    }
    return Stat.of(result);
  }

  /** What this folder itself is. */
  public Stat stat() {
    byte[] result = new byte[Stat.SIZE];
    if (TreeLibc.statx(fd.number(), HERE, TreeLibc.AT_EMPTY_PATH, Stat.BASIC_STATS, result) != 0) {
      throw LinuxException.last("statx", fd.toString());
    }
    return Stat.of(result);
  }

  /** Where the symbolic link {@code name} points. */
  public byte[] readLink(Name name) {
    byte[] buffer = new byte[BytePath.MAX_BYTES + 1];
    long n = TreeLibc.readlinkat(fd.number(), name.terminated(), buffer, buffer.length);
    return Arrays.copyOf(buffer, checked((int) n, "readlinkat", name));
  }

  /** The names in this folder, in no order. */
  public List<Name> list() {
    return DirectoryListing.read(fd);
  }

  /** Removes {@code name}, with all that is below it. */
  public void remove(Name name) {
    TreeRemoval.remove(this, name);
  }

  /** Writes everything of this file system to its disk (syncfs(2)). */
  public void syncFileSystem() {
    if (TreeLibc.syncfs(fd.number()) != 0) {
      throw LinuxException.last("syncfs", fd.toString());
    }
  }

  static int checked(int result, String call, Name name) {
    if (result < 0) {
      throw LinuxException.last(call, name.toString());
    }
    return result;
  }

  @Override
  public void close() {
    fd.close();
  }
}
