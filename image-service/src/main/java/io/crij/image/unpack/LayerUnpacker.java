package io.crij.image.unpack;

import io.crij.image.ImageException;
import io.crij.image.tar.TarEntry;
import io.crij.image.tar.TarReader;
import io.crij.image.tar.TarType;
import io.crij.linux.Errno;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Directory;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Tree;
import io.crij.linux.tree.WriteBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Makes the files of one layer's archive below an empty root (OCI image specification, layer.md),
 * in the archive's order: an entry replaces what an earlier one left at its path, except that a
 * folder stays one.
 */
final class LayerUnpacker {
  private static final byte[] WHITEOUT = ".wh.".getBytes(StandardCharsets.US_ASCII);
  private static final Name OPAQUE = Name.of(".wh..wh..opq");

  /** What aufs kept in its branches; never part of an image's files. */
  private static final byte[] AUFS = ".wh..wh.".getBytes(StandardCharsets.US_ASCII);

  private final Tree tree;
  private final UnpackBudget budget;
  private final EntryMaker maker;
  private final UnpackedFolders folders;

  LayerUnpacker(Tree tree, WriteBuffer buffer, UnpackBudget budget) {
    this.tree = tree;
    this.budget = budget;
    this.folders = new UnpackedFolders(tree, budget);
    this.maker = new EntryMaker(folders, buffer);
  }

  /**
   * Unpacks the archive to its end.
   *
   * @throws ImageException.FailedPrecondition when it is no archive or cannot be unpacked here
   * @throws ImageException.ResourceExhausted when it is too large for the budget or the disk
   */
  LayerContents unpack(InputStream archive) throws IOException {
    TarReader reader = new TarReader(archive);
    try (folders) {
      for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
        budget.entry();
        add(entry, reader);
      }
      folders.finish();
    }
    return new LayerContents(maker.diskBytes(), maker.inodes(), folders.implied());
  }

  private void add(TarEntry entry, TarReader content) throws IOException {
    BytePath path = BytePath.of(entry.name());
    try {
      if (path.isRoot()) {
        describeRoot(entry);
      } else if (path.name().startsWith(WHITEOUT)) {
        hide(path);
      } else if (!isForgedWhiteout(entry)) {
        maker.make(path, entry, content);
      }
    } catch (LinuxException e) {
      throw failure(path, e);
    }
  }

  private void describeRoot(TarEntry entry) {
    // Some archives have links named "" or ".."; nothing can be made of them.
    if (entry.type() == TarType.DIRECTORY) {
      Directory.setOwnerAndMode(tree.root().fd(), entry.attributes());
      EntryMaker.setXattrs(tree.root().xattrs(), entry);
      folders.described(BytePath.ROOT, entry.attributes().modified());
    }
  }

  private void hide(BytePath path) {
    Name name = path.name();
    if (name.equals(OPAQUE)) {
      Overlayfs.makeOpaque(folders.get(path.parent()).xattrs());
    } else if (!name.startsWith(AUFS)) {
      maker.hide(path.parent(), hidden(path));
    }
  }

  private static Name hidden(BytePath path) {
    try {
      return path.name().withoutPrefix(WHITEOUT.length);
    } catch (IllegalArgumentException e) {
      throw new ImageException.FailedPrecondition("layer holds the whiteout " + path, e);
    }
  }

  private static boolean isForgedWhiteout(TarEntry entry) {
    return entry.type() == TarType.CHARACTER_DEVICE && entry.major() == 0 && entry.minor() == 0;
  }

  private static ImageException failure(BytePath path, LinuxException e) {
    String message = "unpack " + path + ": " + e.getMessage();
    return switch (e.errno()) {
      case Errno.ENOSPC, Errno.EDQUOT, Errno.ENOMEM, Errno.EMFILE ->
          new ImageException.ResourceExhausted(message, e);
      case Errno.EIO, Errno.EROFS -> new ImageException.Internal(message, e);
      default -> new ImageException.FailedPrecondition(message, e);
    };
  }
}
