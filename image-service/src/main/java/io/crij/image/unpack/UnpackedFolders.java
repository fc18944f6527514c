package io.crij.image.unpack;

import io.crij.image.changeset.Overlayfs;
import io.crij.image.changeset.UnpackBudget;
import io.crij.linux.Errno;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.Attributes;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Directory;
import io.crij.linux.tree.FileTime;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Stat;
import io.crij.linux.tree.Tree;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The folders of a layer being unpacked: opens them, makes those that are only implied, and sets
 * their times at the end, when nothing more is put into them.
 */
final class UnpackedFolders implements AutoCloseable {
  private static final Attributes IMPLIED = new Attributes(0755, 0, 0, FileTime.EPOCH);

  private final Tree tree;
  private final UnpackBudget budget;
  private final Map<BytePath, FileTime> modified = new LinkedHashMap<>();
  private final Set<BytePath> implied = new HashSet<>();
  private BytePath currentPath = BytePath.ROOT;
  private @Nullable Directory current;

  UnpackedFolders(Tree tree, UnpackBudget budget) {
    this.tree = tree;
    this.budget = budget;
    imply(BytePath.ROOT);
  }

  /** The folder at {@code path}, open until the next is asked for. */
  Directory get(BytePath path) {
    if (path.isRoot()) {
      return tree.root();
    }
    if (current == null || !path.equals(currentPath)) {
      forget();
      current = make(path);
      currentPath = path;
    }
    return current;
  }

  private Directory make(BytePath path) {
    try {
      return tree.makeDirectories(path, this::imply);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOTDIR || !renew(path)) {
        throw e;
      }
      return make(path);
    }
  }

  /**
   * Puts a new folder in place of the innermost whiteout on the way to {@code path}; false when
   * there is none.
   */
  private boolean renew(BytePath path) {
    for (BytePath at = path; !at.isRoot(); at = at.parent()) {
      try (Directory parent = tree.directory(at.parent())) {
        Stat there = parent.stat(at.name());
        if (there == null || !there.isWhiteout()) {
          return false;
        }
        parent.remove(at.name());
        parent.createDirectory(at.name());
        Overlayfs.makeOpaque(parent.xattrs(at.name()));
        imply(tree.pathOf(parent).resolve(at.name()));
        return true;
      } catch (LinuxException e) {
        if (e.errno() != Errno.ENOTDIR) {
          throw e;
        }
      }
    }
    return false;
  }

  /** Another folder that must be there; the caller closes it. */
  Directory open(BytePath path) {
    return tree.directory(path);
  }

  /** Something was taken away: what is open may no longer be what its path leads to. */
  void forget() {
    if (current != null) {
      current.close();
      current = null;
    }
  }

  /** Where an open folder is, without links. */
  BytePath pathOf(Directory folder) {
    return tree.pathOf(folder);
  }

  /** The archive describes this entry of an open folder, itself a folder. */
  void described(Directory parent, Name name, FileTime time) {
    described(tree.pathOf(parent).resolve(name), time);
  }

  /**
   * The archive describes this folder itself.
   *
   * @param path where it is, without links
   */
  void described(BytePath path, FileTime time) {
    implied.remove(path);
    modified.put(path, time);
    budget.folders(modified.size());
  }

  private void imply(BytePath path) {
    implied.add(path);
    modified.put(path, FileTime.EPOCH);
    budget.folders(modified.size());
  }

  Set<BytePath> implied() {
    return implied;
  }

  /** Gives implied folders the attributes that nobody chose, and all folders their times. */
  void finish() {
    forget();
    modified.forEach(this::finish);
  }

  private void finish(BytePath path, FileTime time) {
    if (path.isRoot()) {
      finish(tree.root(), path, time);
      return;
    }
    try (Directory folder = tree.directoryWithoutLinks(path)) {
      finish(folder, path, time);
    } catch (LinuxException e) {
      // A later entry of the archive replaced the folder.
      if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR && e.errno() != Errno.ELOOP) {
        throw e;
      }
      implied.remove(path);
    }
  }

  private void finish(Directory folder, BytePath path, FileTime time) {
    if (implied.contains(path)) {
      Directory.setOwnerAndMode(folder.fd(), IMPLIED);
    }
    Directory.setModified(folder.fd(), time);
  }

  @Override
  public void close() {
    forget();
  }
}
