package io.crij.image.unpack;

import io.crij.image.ImageException;
import io.crij.image.changeset.Overlayfs;
import io.crij.image.tar.TarContent;
import io.crij.image.tar.TarEntry;
import io.crij.image.tar.TarReader;
import io.crij.image.tar.TarType;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Directory;
import io.crij.linux.tree.FileType;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Stat;
import io.crij.linux.tree.WriteBuffer;
import io.crij.linux.tree.Xattrs;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes single files of a layer. Names are made, never followed. */
final class EntryMaker {
  private static final int BLOCK = 4096;

  private final UnpackedFolders folders;
  private final WriteBuffer buffer;
  private final byte[] bytes = new byte[BlockPipe.BLOCK_BYTES];
  private long diskBytes;
  private long inodes;

  EntryMaker(UnpackedFolders folders, WriteBuffer buffer) {
    this.folders = folders;
    this.buffer = buffer;
  }

  long diskBytes() {
    return diskBytes;
  }

  long inodes() {
    return inodes;
  }

  /** Makes the entry, in place of what an earlier one left there. */
  void make(BytePath path, TarEntry entry, TarReader content) throws IOException {
    if (place(path, entry, content)) {
      return;
    }
    Directory parent = folders.get(path.parent());
    Stat there = parent.stat(path.name());
    // What is taken away may be a link that led here.
    BytePath own = folders.pathOf(parent).resolve(path.name());
    parent.remove(path.name());
    folders.forget();
    if (!place(own, entry, content)) {
      throw new LinuxException("replace", path.toString(), Errno.EEXIST);
    }
    if (there != null && there.isWhiteout() && entry.type() == TarType.DIRECTORY) {
      // The folder of the layers below was removed, and this is a new one of its name.
      Overlayfs.makeOpaque(folders.get(own.parent()).xattrs(own.name()));
    }
  }

  /** Hides {@code name} in the layers below; what this layer itself has of that name stays. */
  void hide(BytePath folder, Name name) {
    Directory parent = folders.get(folder);
    Stat there = parent.stat(name);
    if (there == null) {
      Overlayfs.makeWhiteout(parent, name);
      inodes++;
    } else if (there.type() == FileType.DIRECTORY) {
      Overlayfs.makeOpaque(parent.xattrs(name));
    }
  }

  /** False when something is in the way. */
  private boolean place(BytePath path, TarEntry entry, TarReader content) throws IOException {
    Directory parent = folders.get(path.parent());
    Name name = path.name();
    Fd file = null;
    try {
      switch (entry.type()) {
        case REGULAR -> file = parent.createFile(name);
        case DIRECTORY -> parent.createDirectory(name);
        case SYMLINK -> parent.createSymlink(name, entry.linkName());
        case HARD_LINK -> link(parent, name, entry);
        case FIFO -> parent.createNode(name, FileType.FIFO, 0, 0);
        case CHARACTER_DEVICE ->
            parent.createNode(name, FileType.CHARACTER_DEVICE, entry.major(), entry.minor());
        case BLOCK_DEVICE ->
            parent.createNode(name, FileType.BLOCK_DEVICE, entry.major(), entry.minor());
      }
    } catch (LinuxException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
      return entry.type() == TarType.DIRECTORY && describeExisting(parent, path, entry);
    }
    if (entry.type() != TarType.HARD_LINK) {
      inodes++;
    }
    describe(parent, path, entry, file, content);
    return true;
  }

  private boolean describeExisting(Directory parent, BytePath path, TarEntry entry) {
    Stat there = parent.stat(path.name());
    if (there == null || there.type() != FileType.DIRECTORY) {
      return false;
    }
    describeFolder(parent, path, entry);
    return true;
  }

  private void describe(
      Directory parent, BytePath path, TarEntry entry, @Nullable Fd file, TarReader content)
      throws IOException {
    Name name = path.name();
    switch (entry.type()) {
      case REGULAR -> {
        try (Fd open = Objects.requireNonNull(file)) {
          fill(open, entry.content(), content);
          Directory.setOwnerAndMode(open, entry.attributes());
          setXattrs(parent.xattrs(name), entry);
          Directory.setModified(open, entry.attributes().modified());
        }
      }
      case DIRECTORY -> describeFolder(parent, path, entry);
      case SYMLINK, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> {
        parent.setOwnerAndMode(name, entry.attributes());
        setXattrs(parent.xattrs(name), entry);
        parent.setModified(name, entry.attributes().modified());
      }
      case HARD_LINK -> {
        // It has the attributes of what it links to.
      }
    }
  }

  private void describeFolder(Directory parent, BytePath path, TarEntry entry) {
    Name name = path.name();
    parent.setOwnerAndMode(name, entry.attributes());
    setXattrs(parent.xattrs(name), entry);
    folders.described(parent, name, entry.attributes().modified());
  }

  private void fill(Fd file, TarContent content, TarReader reader) throws IOException {
    for (TarContent.Extent extent : content.extents()) {
      if (content.isSparse()) {
        buffer.seek(file, extent.position());
      }
      long left = extent.length();
      while (left > 0) {
        int n = reader.read(bytes, 0, (int) Math.min(left, bytes.length));
        if (n < 0) {
          throw new ImageException.FailedPrecondition("layer holds a file that ends early");
        }
        buffer.write(file, bytes, 0, n);
        left -= n;
      }
    }
    if (content.isSparse()) {
      buffer.truncate(file, content.sizeBytes());
    }
    diskBytes += (content.storedBytes() + BLOCK - 1) / BLOCK * BLOCK;
  }

  /** A link to a symbolic link is one to the link itself; a link to itself is there already. */
  private void link(Directory parent, Name name, TarEntry entry) {
    BytePath target = BytePath.of(entry.linkName());
    if (target.isRoot()) {
      throw new ImageException.FailedPrecondition("layer holds a hard link to its root");
    }
    try (Directory folder = folders.open(target.parent())) {
      Stat there = parent.stat(name);
      Stat linked = folder.stat(target.name());
      boolean same = there != null && linked != null && there.inode() == linked.inode();
      if (!same) {
        parent.createLink(name, folder, target.name());
      }
    }
  }

  static void setXattrs(Xattrs xattrs, TarEntry entry) {
    entry
        .xattrs()
        .forEach((key, value) -> {
          if (!Overlayfs.isReserved(key)) {
            setXattr(xattrs, key, value);
          }
        });
  }

  private static void setXattr(Xattrs xattrs, String key, byte[] value) {
    try {
      xattrs.set(key, value);
    } catch (LinuxException e) {
      // The file system knows no attributes, or none of users on links and devices.
      boolean unknown = e.errno() == Errno.EOPNOTSUPP;
      boolean onLink = e.errno() == Errno.EPERM && key.startsWith("user.");
      if (!unknown && !onLink) {
        throw e;
      }
    }
  }
}
