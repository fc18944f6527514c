package io.crij.image.erofs;

import io.crij.image.ImageException;
import io.crij.linux.Errno;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Name;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The folders of a layer in memory, and how paths lead through them: as they would below a root in
 * which the kernel resolves them (openat2(2): RESOLVE_IN_ROOT).
 */
final class FileTree {
  private static final int MOST_LINKS = 40;
  private static final int MOST_NAME_BYTES = 255;

  /** Of all paths together: links to links of long paths cost time, not memory. */
  private static final long MOST_STEPS = 200_000_000;

  private final Inode.Folder root = new Inode.Folder(null, null);
  private final TreeMemory.Share memory;
  private BytePath currentPath = BytePath.ROOT;
  private Inode.@Nullable Folder current;
  private long steps;

  FileTree(TreeMemory.Share memory) {
    this.memory = memory;
  }

  /** Where a path leads; without a folder, why it leads nowhere. */
  private record Found(Inode.@Nullable Folder folder, int errno) {
    static Found nothing(int errno) {
      return new Found(null, errno);
    }
  }

  Inode.Folder root() {
    return root;
  }

  /** The folder at {@code path}, made with those it is in where they are missing. */
  Inode.Folder get(BytePath path) {
    if (current == null || !path.equals(currentPath)) {
      current = make(path);
      currentPath = path;
    }
    return current;
  }

  /** Something was taken away: a path may lead elsewhere now. */
  void forget() {
    current = null;
  }

  /** A folder that must be there. */
  Inode.Folder existing(BytePath path) {
    Found found = find(path);
    if (found.folder == null) {
      throw failure(path, found.errno);
    }
    return found.folder;
  }

  /** Puts {@code child} in a folder, under a name that is free. */
  void add(Inode.Folder folder, Name name, Inode child) {
    if (name.length() > MOST_NAME_BYTES) {
      throw new LinuxException("create", name.toString(), Errno.ENAMETOOLONG);
    }
    memory.entry(name.length());
    folder.entries().put(name, child);
  }

  private Inode.Folder make(BytePath path) {
    for (; ; ) {
      Found found = make(path, 0);
      if (found.folder != null) {
        return found.folder;
      }
      if (found.errno != Errno.ENOTDIR || !renew(path)) {
        throw failure(path, found.errno);
      }
    }
  }

  private Found make(BytePath path, int links) {
    Found found = find(path);
    if (found.errno != Errno.ENOENT || path.isRoot() || links > MOST_LINKS) {
      return found;
    }
    Found parent = make(path.parent(), links);
    if (parent.folder == null) {
      return parent;
    }
    Name name = path.name();
    if (parent.folder.get(name) instanceof Inode.Symlink link) {
      // A link to nothing is followed too: what is made is where it points.
      return make(target(parent.folder, link.target()), links + 1);
    }
    Inode.Folder made = new Inode.Folder(parent.folder, name);
    add(parent.folder, name, made);
    return new Found(made, 0);
  }

  /** Where a link in a folder points. */
  private static BytePath target(Inode.Folder folder, byte[] link) {
    if (link[0] == '/') {
      return BytePath.of(link);
    }
    BytePath path = folder.path();
    if (path == null || path.bytes().length + link.length >= BytePath.MAX_BYTES) {
      throw new LinuxException("follow", BytePath.of(link).toString(), Errno.ENAMETOOLONG);
    }
    byte[] base = path.bytes();
    byte[] joined = Arrays.copyOf(base, base.length + 1 + link.length);
    joined[base.length] = '/';
    System.arraycopy(link, 0, joined, base.length + 1, link.length);
    return BytePath.of(joined);
  }

  /**
   * Puts a new folder in place of the innermost whiteout on the way to {@code path}; false when
   * there is none. The folder of the layers below was removed, and this is another.
   */
  private boolean renew(BytePath path) {
    for (BytePath at = path; !at.isRoot(); at = at.parent()) {
      Found parent = find(at.parent());
      if (parent.folder != null) {
        Name name = at.name();
        if (!(parent.folder.get(name) instanceof Inode.Special there) || !there.isWhiteout()) {
          return false;
        }
        Inode.Folder made = new Inode.Folder(parent.folder, name);
        made.hideLower();
        add(parent.folder, name, made);
        return true;
      }
      if (parent.errno != Errno.ENOTDIR) {
        throw failure(at.parent(), parent.errno);
      }
    }
    return false;
  }

  private Found find(BytePath path) {
    byte[] rest = path.bytes();
    Inode.Folder at = root;
    int links = 0;
    int start = 0;
    while (start < rest.length) {
      int end = start;
      while (end < rest.length && rest[end] != '/') {
        end++;
      }
      step();
      int length = end - start;
      if (length == 0 || (length == 1 && rest[start] == '.')) {
        start = end + 1;
        continue;
      }
      if (length == 2 && rest[start] == '.' && rest[start + 1] == '.') {
        at = at.parent();
        start = end + 1;
        continue;
      }
      if (length > MOST_NAME_BYTES) {
        return Found.nothing(Errno.ENAMETOOLONG);
      }
      switch (at.get(Name.of(Arrays.copyOfRange(rest, start, end)))) {
        case null -> {
          return Found.nothing(Errno.ENOENT);
        }
        case Inode.Folder folder -> {
          at = folder;
          start = end + 1;
        }
        case Inode.Symlink link -> {
          if (++links > MOST_LINKS) {
            return Found.nothing(Errno.ELOOP);
          }
          if (link.target()[0] == '/') {
            at = root;
          }
          rest = followed(link.target(), rest, end);
          start = 0;
        }
        case Inode.Regular _, Inode.Special _ -> {
          return Found.nothing(Errno.ENOTDIR);
        }
      }
    }
    return new Found(at, 0);
  }

  /** A link's target, and after it what of {@code path} has not been gone yet. */
  private static byte[] followed(byte[] target, byte[] path, int from) {
    byte[] joined = Arrays.copyOf(target, target.length + path.length - from);
    System.arraycopy(path, from, joined, target.length, path.length - from);
    return joined;
  }

  private void step() {
    if (++steps > MOST_STEPS) {
      throw new ImageException.ResourceExhausted("layer leads through too many folders and links");
    }
  }

  private static LinuxException failure(BytePath path, int errno) {
    return new LinuxException("lookup", path.toString(), errno);
  }
}
