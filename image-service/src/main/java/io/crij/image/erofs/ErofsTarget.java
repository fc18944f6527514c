package io.crij.image.erofs;

import io.crij.image.ImageException;
import io.crij.image.LayerKind;
import io.crij.image.changeset.ChangesetTarget;
import io.crij.image.changeset.LayerContents;
import io.crij.image.changeset.Overlayfs;
import io.crij.image.tar.TarEntry;
import io.crij.image.tar.TarReader;
import io.crij.image.tar.TarType;
import io.crij.linux.Errno;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.Attributes;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.FileType;
import io.crij.linux.tree.Name;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * The entries of a layer as a tree in memory, from which its image is written. When the layer has
 * too many of them, every method may throw a {@link TreeMemory.ExceededException}.
 */
public final class ErofsTarget implements ChangesetTarget, AutoCloseable {
  private static final int LARGEST_MAJOR = 0xfff;
  private static final int LARGEST_MINOR = 0xfffff;

  private final TreeMemory.Share memory;
  private final FileTree tree;

  public ErofsTarget(TreeMemory memory) {
    this.memory = memory.new Share();
    this.tree = new FileTree(this.memory);
  }

  FileTree tree() {
    return tree;
  }

  @Override
  public void describeRoot(TarEntry entry) {
    describe(tree.root(), entry);
  }

  @Override
  public void make(BytePath path, TarEntry entry, TarReader content) {
    Inode.Folder parent = tree.get(path.parent());
    Name name = path.name();
    Inode there = parent.get(name);
    if (there instanceof Inode.Folder folder && entry.type() == TarType.DIRECTORY) {
      describe(folder, entry);
      return;
    }
    if (entry.type() == TarType.HARD_LINK) {
      link(path, parent, entry);
      return;
    }
    Inode made = inode(parent, name, entry);
    setXattrs(made, entry);
    if (there != null) {
      tree.forget();
    }
    tree.add(parent, name, made);
    if (there instanceof Inode.Special special
        && special.isWhiteout()
        && made instanceof Inode.Folder folder) {
      // The folder of the layers below was removed, and this is a new one of its name.
      folder.hideLower();
    }
  }

  private Inode inode(Inode.Folder parent, Name name, TarEntry entry) {
    return switch (entry.type()) {
      case REGULAR -> {
        Inode.Regular file = new Inode.Regular(entry.attributes(), entry.content());
        memory.extents(file.sparse() == null ? 0 : entry.content().extents().size());
        yield file;
      }
      case DIRECTORY -> {
        Inode.Folder folder = new Inode.Folder(parent, name);
        folder.describe(entry.attributes());
        yield folder;
      }
      case SYMLINK -> symlink(name, entry);
      case FIFO -> new Inode.Special(entry.attributes(), FileType.FIFO, 0);
      case CHARACTER_DEVICE -> device(FileType.CHARACTER_DEVICE, name, entry);
      case BLOCK_DEVICE -> device(FileType.BLOCK_DEVICE, name, entry);
      case HARD_LINK -> throw new IllegalArgumentException("no inode of its own");
    };
  }

  private Inode symlink(Name name, TarEntry entry) {
    if (entry.linkName().length == 0) {
      throw new LinuxException("symlink", name.toString(), Errno.ENOENT);
    }
    memory.link(entry.linkName().length);
    // The mode of a link cannot be anything else.
    Attributes a = entry.attributes();
    Attributes attributes = new Attributes(0777, a.uid(), a.gid(), a.modified());
    return new Inode.Symlink(attributes, entry.linkName());
  }

  private static Inode device(FileType type, Name name, TarEntry entry) {
    int major = entry.major();
    int minor = entry.minor();
    if (major < 0 || major > LARGEST_MAJOR || minor < 0 || minor > LARGEST_MINOR) {
      throw new LinuxException("mknod", name.toString(), Errno.EINVAL);
    }
    // As the kernel's new_encode_dev.
    int device = (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
    return new Inode.Special(entry.attributes(), type, device);
  }

  /** A link to a symbolic link is one to the link itself; a link to itself is there already. */
  private void link(BytePath path, Inode.Folder parent, TarEntry entry) {
    BytePath target = BytePath.of(entry.linkName());
    if (target.isRoot()) {
      throw new ImageException.FailedPrecondition("layer holds a hard link to its root");
    }
    Inode there = parent.get(path.name());
    Inode linked = tree.existing(target.parent()).get(target.name());
    if (linked == null) {
      throw new LinuxException("link", target.toString(), Errno.ENOENT);
    }
    if (linked == there) {
      return;
    }
    if (linked instanceof Inode.Folder) {
      throw new LinuxException("link", target.toString(), Errno.EPERM);
    }
    if (there != null) {
      parent.entries().remove(path.name());
      tree.forget();
      if (tree.existing(target.parent()).get(target.name()) != linked) {
        throw new LinuxException("link", target.toString(), Errno.ENOENT);
      }
    }
    tree.add(parent, path.name(), linked);
  }

  @Override
  public void hide(BytePath folder, Name name) {
    Inode.Folder parent = tree.get(folder);
    Inode there = parent.get(name);
    if (there == null) {
      tree.add(parent, name, Inode.Special.whiteout());
    } else if (there instanceof Inode.Folder below) {
      below.hideLower();
    }
  }

  @Override
  public void hideAll(BytePath folder) {
    tree.get(folder).hideLower();
  }

  private void describe(Inode.Folder folder, TarEntry entry) {
    folder.describe(entry.attributes());
    setXattrs(folder, entry);
  }

  private void setXattrs(Inode inode, TarEntry entry) {
    entry
        .xattrs()
        .forEach((key, value) -> {
          if (!Overlayfs.isReserved(key) && XattrRules.allow(inode.type(), key, value)) {
            memory.xattr(key.getBytes(StandardCharsets.UTF_8).length, value.length);
            inode.setXattr(key, value);
          }
        });
    XattrArea.require(inode);
  }

  /** What there is in memory; its size on the disk is known once it is written. */
  @Override
  public LayerContents finish() {
    return new LayerContents(LayerKind.EROFS, 0, 0, implied());
  }

  private Set<BytePath> implied() {
    Set<BytePath> implied = new HashSet<>();
    Deque<Inode.Folder> left = new ArrayDeque<>();
    left.push(tree.root());
    while (!left.isEmpty()) {
      Inode.Folder folder = left.pop();
      BytePath path = folder.isImplied() ? folder.path() : null;
      if (path != null) {
        implied.add(path);
      }
      for (Inode child : folder.entries().values()) {
        if (child instanceof Inode.Folder below) {
          left.push(below);
        }
      }
    }
    return implied;
  }

  @Override
  public void close() {
    memory.close();
  }
}
