package io.crij.image.unpack;

import io.crij.image.LayerKind;
import io.crij.image.changeset.ChangesetTarget;
import io.crij.image.changeset.LayerContents;
import io.crij.image.changeset.Overlayfs;
import io.crij.image.changeset.UnpackBudget;
import io.crij.image.skeleton.ArchiveRecorder;
import io.crij.image.tar.TarEntry;
import io.crij.image.tar.TarReader;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Directory;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Tree;
import io.crij.linux.tree.WriteBuffer;
import java.io.IOException;

/** The files of a layer, made below an empty root. */
final class DirectoryTarget implements ChangesetTarget, AutoCloseable {
  private final Tree tree;
  private final UnpackedFolders folders;
  private final EntryMaker maker;
  private final ArchiveRecorder recorder;

  /**
   * Makes files below {@code tree}.
   *
   * @param recorder through which the archive is read
   */
  DirectoryTarget(Tree tree, WriteBuffer buffer, UnpackBudget budget, ArchiveRecorder recorder) {
    this.recorder = recorder;
    this.tree = tree;
    this.folders = new UnpackedFolders(tree, budget);
    this.maker = new EntryMaker(folders, buffer);
  }

  @Override
  public void describeRoot(TarEntry entry) {
    Directory.setOwnerAndMode(tree.root().fd(), entry.attributes());
    EntryMaker.setXattrs(tree.root().xattrs(), entry);
    folders.described(BytePath.ROOT, entry.attributes().modified());
  }

  @Override
  public void make(BytePath path, TarEntry entry, TarReader content) throws IOException {
    record(path, entry);
    maker.make(path, entry, content);
  }

  /** What of a sparse file is stored is recorded: it is not what a reader of the file sees. */
  private void record(BytePath path, TarEntry entry) throws IOException {
    switch (entry.type()) {
      case REGULAR -> {
        if (entry.content().isSparse()) {
          recorder.other(path);
        } else {
          recorder.file(path, entry.content().sizeBytes());
        }
      }
      case DIRECTORY -> recorder.folder(path);
      case SYMLINK -> recorder.link(path);
      case HARD_LINK, FIFO, CHARACTER_DEVICE, BLOCK_DEVICE -> recorder.other(path);
    }
  }

  @Override
  public void hide(BytePath folder, Name name) {
    maker.hide(folder, name);
  }

  @Override
  public void hideAll(BytePath folder) {
    Overlayfs.makeOpaque(folders.get(folder).xattrs());
  }

  @Override
  public LayerContents finish() {
    folders.finish();
    return new LayerContents(
        LayerKind.DIRECTORY, maker.diskBytes(), maker.inodes(), folders.implied());
  }

  @Override
  public void close() {
    folders.close();
  }
}
