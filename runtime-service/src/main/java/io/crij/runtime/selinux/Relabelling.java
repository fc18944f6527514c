package io.crij.runtime.selinux;

import io.crij.linux.Errno;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Directory;
import io.crij.linux.tree.FileType;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Stat;
import io.crij.linux.tree.Tree;
import io.crij.linux.tree.Xattrs;
import io.crij.runtime.ServiceException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Gives what a container mounts the label of its files, with all that is in it. */
public final class Relabelling {
  /** Changes nothing. */
  public static final Relabelling NONE = new Relabelling("", false);

  private static final String XATTR = "security.selinux";
  private static final int DEEPEST = 1024;

  // As with both peers: the node would not run on with the labels of a container here.
  private static final Set<String> NODES_OWN =
      Set.of(
          "/",
          "/bin",
          "/boot",
          "/dev",
          "/etc",
          "/etc/passwd",
          "/etc/pki",
          "/etc/shadow",
          "/home",
          "/lib",
          "/lib64",
          "/media",
          "/opt",
          "/proc",
          "/root",
          "/run",
          "/sbin",
          "/srv",
          "/sys",
          "/tmp",
          "/usr",
          "/var",
          "/var/lib",
          "/var/log");

  private final byte[] label;
  private final boolean sparing;

  Relabelling(String label, boolean sparing) {
    this.label = label.getBytes(StandardCharsets.UTF_8);
    this.sparing = sparing;
  }

  /**
   * Relabels a file, or a folder with all in it. A file system without labels is left as it is.
   *
   * @param source on the node, with every link followed; a link that is there by now is not
   * @throws ServiceException.InvalidArgument when it belongs to the node itself
   */
  public void relabel(Path source) {
    if (label.length == 0) {
      return;
    }
    if (NODES_OWN.contains(source.toString())) {
      throw new ServiceException.InvalidArgument(
          "mounts: selinux_relabel of " + source + ": it is the node's own");
    }
    try {
      // Of its own: the file system may be slow, or not answer at all.
      CompletableFuture.runAsync(
              () -> run(source), Thread.ofPlatform().daemon().name("relabel")::start)
          .join();
    } catch (CompletionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      throw new ServiceException.Internal(
          "mounts: selinux_relabel of " + source + ": " + cause.getMessage(), cause);
    }
  }

  private void run(Path source) {
    BytePath path = BytePath.of(source.toString());
    try (Tree node = Tree.open(Path.of("/"));
        Directory parent = node.directoryWithoutLinks(path.parent())) {
      if (!sparing || !has(parent.xattrs(path.name()))) {
        relabel(parent, path.name(), 0);
      }
    }
  }

  private void relabel(Directory folder, Name name, int depth) {
    Stat stat = folder.stat(name);
    if (stat == null || !set(folder.xattrs(name)) || stat.type() != FileType.DIRECTORY) {
      return;
    }
    if (depth == DEEPEST) {
      throw new LinuxException("open", "folders in more than " + DEEPEST + " others", Errno.ELOOP);
    }
    try (Directory child = folder.open(name)) {
      for (Name entry : child.list()) {
        relabel(child, entry, depth + 1);
      }
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
  }

  /**
   * @return false when the file system has no labels, or the file is gone
   */
  private boolean set(Xattrs xattrs) {
    try {
      if (!has(xattrs)) {
        xattrs.set(XATTR, label);
      }
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.EOPNOTSUPP || e.errno() == Errno.ENOENT) {
        return false;
      }
      throw e;
    }
  }

  /** With or without the NUL at its end, which the kernel adds or not. */
  private boolean has(Xattrs xattrs) {
    byte[] value = xattrs.get(XATTR);
    if (value == null) {
      return false;
    }
    int length = value.length > 0 && value[value.length - 1] == 0 ? value.length - 1 : value.length;
    return Arrays.equals(value, 0, length, label, 0, label.length);
  }
}
