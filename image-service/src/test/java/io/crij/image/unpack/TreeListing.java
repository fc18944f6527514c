package io.crij.image.unpack;

import io.crij.image.name.Digest;
import io.crij.linux.Fd;
import io.crij.linux.tree.Attributes;
import io.crij.linux.tree.Directory;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Stat;
import io.crij.linux.tree.Tree;
import io.crij.linux.tree.Xattrs;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** All that can be said of a tree, one line for each path, to compare two of them. */
public final class TreeListing {
  private static final long HUGE = 256 << 20;
  private static final int ENDS = 1 << 20;

  private final SortedMap<String, String> lines = new TreeMap<>();
  private final Map<Long, String> inodes = new HashMap<>();
  private final Predicate<String> xattrs;

  private final boolean times;

  private TreeListing(Predicate<String> xattrs, boolean times) {
    this.xattrs = xattrs;
    this.times = times;
  }

  /**
   * Lists a tree.
   *
   * @param xattrs which extended attributes count
   */
  public static SortedMap<String, String> of(Path root, Predicate<String> xattrs)
      throws IOException {
    return of(root, xattrs, true);
  }

  /**
   * Lists a tree.
   *
   * @param xattrs which extended attributes count
   * @param times whether times of change count
   */
  public static SortedMap<String, String> of(Path root, Predicate<String> xattrs, boolean times)
      throws IOException {
    TreeListing listing = new TreeListing(xattrs, times);
    try (Tree tree = Tree.open(root)) {
      listing.add("", tree.root().stat(), tree.root().xattrs(), "");
      listing.walk(tree.root(), "");
    }
    return listing.lines;
  }

  private void walk(Directory folder, String path) throws IOException {
    for (Name name : folder.list().stream().sorted((a, b) -> compare(a, b)).toList()) {
      Stat stat = folder.stat(name);
      if (stat == null) {
        throw new AssertionError(name + " is gone");
      }
      String child = path + "/" + name;
      add(child, stat, folder.xattrs(name), content(folder, name, stat));
      switch (stat.type()) {
        case DIRECTORY -> {
          try (Directory below = folder.open(name)) {
            walk(below, child);
          }
        }
        default -> {}
      }
    }
  }

  private static int compare(Name a, Name b) {
    return a.toString().compareTo(b.toString());
  }

  private static String content(Directory folder, Name name, Stat stat) throws IOException {
    return switch (stat.type()) {
      case REGULAR -> {
        try (Fd fd = folder.openFile(name);
            FileInputStream in = new FileInputStream(fd.procPath())) {
          yield digest(in, stat.sizeBytes());
        }
      }
      case SYMLINK -> "-> " + Base64.getEncoder().encodeToString(folder.readLink(name));
      case BLOCK_DEVICE, CHARACTER_DEVICE -> stat.major() + ":" + stat.minor();
      default -> "";
    };
  }

  /** Of huge files, the begin and the end. */
  private static String digest(FileInputStream in, long size) throws IOException {
    if (size <= HUGE) {
      return Digest.sha256(in.readAllBytes()).toString();
    }
    Digest begin = Digest.sha256(in.readNBytes(ENDS));
    in.getChannel().position(size - ENDS);
    return size + " " + begin + " " + Digest.sha256(in.readAllBytes());
  }

  private void add(String path, Stat stat, Xattrs values, String content) {
    Attributes a = stat.attributes();
    StringBuilder line = new StringBuilder();
    line.append(stat.type()).append(' ').append(Integer.toOctalString(a.mode()));
    line.append(' ').append(a.uid()).append(':').append(a.gid()).append(' ');
    line.append(times ? a.modified() : "");
    line.append(' ').append(content);
    for (String key : values.keys().stream().sorted().toList()) {
      byte[] value = values.get(key);
      if (xattrs.test(key) && value != null) {
        line.append(' ').append(key).append('=').append(Base64.getEncoder().encodeToString(value));
      }
    }
    String first = inodes.putIfAbsent(stat.inode(), path);
    if (first != null) {
      line.append(" same as ").append(first);
    }
    lines.put(path, line.toString());
  }
}
