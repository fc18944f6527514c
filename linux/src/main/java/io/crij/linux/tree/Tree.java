package io.crij.linux.tree;

import com.sun.jna.Native;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.Syscall;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * A root below which the kernel resolves paths: {@code /} and {@code ..} in links and paths end at
 * the root, magic links are refused (openat2(2): RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS).
 */
public final class Tree implements AutoCloseable {
  private static final int RESOLVE_NO_MAGICLINKS = 0x02;
  private static final int RESOLVE_NO_SYMLINKS = 0x04;
  private static final int RESOLVE_IN_ROOT = 0x10;
  private static final int AT_FDCWD = -100;
  private static final int PROC_PATH_BYTES = 32;
  private static final int MAX_LINKS = 40;
  private static final int MAX_TRIES = 1000;

  private final Directory root;

  private Tree(Directory root) {
    this.root = root;
  }

  /** Opens {@code root}, which must be a folder and not a link to one. */
  public static Tree open(Path root) {
    int flags = Fd.O_RDONLY | Fd.O_DIRECTORY | Fd.O_NOFOLLOW;
    return new Tree(new Directory(Fd.open(root.toString(), flags, 0)));
  }

  /** Opens a folder that is open, or a mount that is nowhere yet, as a root of its own. */
  public static Tree of(Fd folder) {
    byte[] here = {'.', 0};
    int flags = Fd.O_RDONLY | Fd.O_DIRECTORY | Fd.O_CLOEXEC;
    int n = TreeLibc.openat(folder.number(), here, flags, 0);
    if (n < 0) {
      throw LinuxException.last("openat", folder.toString());
    }
    return new Tree(new Directory(Fd.owning(n)));
  }

  /** The root; closed with the tree. */
  public Directory root() {
    return root;
  }

  /** Opens a folder; links are followed below the root. */
  public Directory directory(BytePath path) {
    return new Directory(open(path, Fd.O_RDONLY | Fd.O_DIRECTORY));
  }

  /** Opens a folder to which no link leads; ELOOP when one is on the way. */
  public Directory directoryWithoutLinks(BytePath path) {
    int flags = Fd.O_RDONLY | Fd.O_DIRECTORY;
    return new Directory(open(path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS));
  }

  /**
   * Where a folder of this tree is, whatever links led to it.
   *
   * @throws LinuxException ENAMETOOLONG when it is too deep to be named
   */
  public BytePath pathOf(Directory folder) {
    byte[] top = target(root.fd());
    byte[] path = target(folder.fd());
    boolean below = path.length >= top.length && Arrays.mismatch(top, path) == top.length;
    if (!below && !Arrays.equals(top, path)) {
      throw new LinuxException("pathOf", BytePath.printable(path), Errno.ENOENT);
    }
    return BytePath.of(Arrays.copyOfRange(path, top.length, path.length));
  }

  private static byte[] target(Fd fd) {
    byte[] link = Arrays.copyOf(fd.procPath().getBytes(StandardCharsets.US_ASCII), PROC_PATH_BYTES);
    byte[] buffer = new byte[BytePath.MAX_BYTES + 1];
    long n = TreeLibc.readlinkat(AT_FDCWD, link, buffer, buffer.length);
    if (n < 0) {
      throw LinuxException.last("readlink", fd.procPath());
    }
    return Arrays.copyOf(buffer, (int) n);
  }

  /**
   * Opens what {@code path} leads to, links followed below the root.
   *
   * @param flags of open(2); close-on-exec is added
   */
  public Fd open(BytePath path, int flags) {
    return open(path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  }

  private Fd open(BytePath path, int flags, int resolve) {
    long[] how = {flags | Fd.O_CLOEXEC, 0, resolve};
    byte[] name = path.terminated();
    // EAGAIN: a rename anywhere on the node while ".." of a link was resolved (openat2(2)).
    for (int attempt = 1; ; attempt++) {
      long n = TreeLibc.syscall(Syscall.OPENAT2, root.fd().number(), name, how, 8L * how.length);
      if (n >= 0) {
        return Fd.owning((int) n);
      }
      int errno = Native.getLastError();
      if ((errno != Errno.EAGAIN && errno != Errno.EINTR) || attempt == MAX_TRIES) {
        throw new LinuxException("openat2", path.toString(), errno);
      }
    }
  }

  /**
   * Opens a folder, and makes it and the folders it is in where they are missing. A link to nothing
   * is followed too: what is made is where it points.
   *
   * @param made told where each new folder is, outermost first
   */
  public Directory makeDirectories(BytePath path, Consumer<BytePath> made) {
    return makeDirectories(path, made, 0);
  }

  private Directory makeDirectories(BytePath path, Consumer<BytePath> made, int links) {
    try {
      return directory(path);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT || path.isRoot() || links > MAX_LINKS) {
        throw e;
      }
    }
    Name name = path.name();
    try (Directory parent = makeDirectories(path.parent(), made, links)) {
      BytePath parentPath = pathOf(parent);
      Stat there = parent.stat(name);
      if (there != null && there.type() == FileType.SYMLINK) {
        return makeDirectories(target(parentPath, parent.readLink(name)), made, links + 1);
      }
      parent.createDirectory(name);
      made.accept(parentPath.resolve(name));
      return parent.open(name);
    }
  }

  private static BytePath target(BytePath folder, byte[] link) {
    if (link.length > 0 && link[0] == '/') {
      return BytePath.of(link);
    }
    byte[] base = folder.bytes();
    byte[] joined = Arrays.copyOf(base, base.length + 1 + link.length);
    joined[base.length] = '/';
    System.arraycopy(link, 0, joined, base.length + 1, link.length);
    return BytePath.of(joined);
  }

  @Override
  public void close() {
    root.close();
  }
}
