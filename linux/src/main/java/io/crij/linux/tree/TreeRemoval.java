package io.crij.linux.tree;

import com.sun.jna.Native;
import io.crij.linux.Errno;
import io.crij.linux.LinuxException;

/**
 * Removes a tree of any depth with a bounded number of open folders: what lies too deep is moved up
 * and removed from there.
 */
final class TreeRemoval {
  private static final int MAX_DEPTH = 64;

  private final Directory top;
  private int moved;

  private TreeRemoval(Directory top) {
    this.top = top;
  }

  /** Removes {@code name}; success too when it is not there. */
  static void remove(Directory parent, Name name) {
    if (unlink(parent, name)) {
      return;
    }
    try (Directory top = parent.open(name)) {
      TreeRemoval removal = new TreeRemoval(top);
      do {
        removal.moved = 0;
        removal.empty(top, 0);
      } while (removal.moved > 0);
    }
    rmdir(parent, name);
  }

  private void empty(Directory folder, int depth) {
    for (Name name : folder.list()) {
      if (unlink(folder, name)) {
        continue;
      }
      if (depth == MAX_DEPTH) {
        moveUp(folder, name);
        continue;
      }
      try (Directory child = folder.open(name)) {
        empty(child, depth + 1);
      }
      rmdir(folder, name);
    }
  }

  private void moveUp(Directory folder, Name name) {
    Name free = Name.of(".moved-" + moved);
    while (top.stat(free) != null) {
      moved++;
      free = Name.of(".moved-" + moved);
    }
    int from = folder.fd().number();
    int result = TreeLibc.renameat(from, name.terminated(), top.fd().number(), free.terminated());
    Directory.checked(result, "renameat", name);
    moved++;
  }

  /** False when {@code name} is a folder. */
  private static boolean unlink(Directory folder, Name name) {
    if (TreeLibc.unlinkat(folder.fd().number(), name.terminated(), 0) == 0) {
      return true;
    }
    int errno = Native.getLastError();
    if (errno == Errno.EISDIR) {
      return false;
    }
    if (errno == Errno.ENOENT) {
      return true;
    }
    throw new LinuxException("unlinkat", name.toString(), errno);
  }

  private static void rmdir(Directory folder, Name name) {
    int result = TreeLibc.unlinkat(folder.fd().number(), name.terminated(), TreeLibc.AT_REMOVEDIR);
    Directory.checked(result, "unlinkat", name);
  }
}
