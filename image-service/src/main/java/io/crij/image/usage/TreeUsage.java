package io.crij.image.usage;

import io.crij.linux.LinuxException;
import io.crij.linux.tree.Directory;
import io.crij.linux.tree.FileType;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Stat;
import io.crij.linux.tree.Tree;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Bytes and inodes of a tree that others may change meanwhile.
 *
 * @param bytes on the disk, a file with several names counted once
 */
record TreeUsage(long bytes, long inodes) {
  static final TreeUsage NONE = new TreeUsage(0, 0);

  /** What lies deeper is not counted: each level holds a descriptor. */
  private static final int MAX_DEPTH = 100;

  TreeUsage plus(TreeUsage other) {
    return new TreeUsage(bytes + other.bytes, inodes + other.inodes);
  }

  /** Counts what is below {@code root}; nothing if it is not there. */
  static TreeUsage of(Path root) {
    Count count = new Count();
    try (Tree tree = Tree.open(root)) {
      count.folder(tree.root(), 0);
    } catch (LinuxException _) {
      // Removed meanwhile: what was counted of it is as good as nothing.
      return NONE;
    }
    return new TreeUsage(count.bytes, count.inodes);
  }

  /** Counts what is in {@code folder}, each by its name; nothing if the folder is not there. */
  static Map<String, TreeUsage> ofEach(Path folder) {
    Map<String, TreeUsage> usages = new TreeMap<>();
    try (Tree tree = Tree.open(folder)) {
      for (Name name : tree.root().list()) {
        Count count = new Count();
        count.entry(tree.root(), name, 0);
        usages.put(name.toString(), new TreeUsage(count.bytes, count.inodes));
      }
    } catch (LinuxException _) {
      return usages;
    }
    return usages;
  }

  private static final class Count {
    private final Set<Long> linked = new HashSet<>();
    private long bytes;
    private long inodes;

    private void folder(Directory folder, int depth) {
      for (Name name : folder.list()) {
        entry(folder, name, depth);
      }
    }

    private void entry(Directory folder, Name name, int depth) {
      Stat stat = folder.stat(name);
      if (stat == null || (stat.type() == FileType.REGULAR && !isNew(stat))) {
        return;
      }
      bytes += stat.diskBytes();
      inodes++;
      if (stat.type() == FileType.DIRECTORY && depth < MAX_DEPTH) {
        enter(folder, name, depth);
      }
    }

    private boolean isNew(Stat stat) {
      return stat.links() == 1 || linked.add(stat.inode());
    }

    private void enter(Directory folder, Name name, int depth) {
      try (Directory child = folder.open(name)) {
        folder(child, depth + 1);
      } catch (LinuxException _) {
        // Removed or replaced since its name was read.
      }
    }
  }
}
