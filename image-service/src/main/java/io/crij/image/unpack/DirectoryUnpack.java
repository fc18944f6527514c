package io.crij.image.unpack;

import io.crij.image.changeset.ChangesetReader;
import io.crij.image.changeset.LayerContents;
import io.crij.image.changeset.UnpackBudget;
import io.crij.image.changeset.UnpackFailure;
import io.crij.image.skeleton.ArchiveRecorder;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.Landlock;
import io.crij.linux.tree.Tree;
import io.crij.linux.tree.WriteBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;

/**
 * Makes a layer a directory. The thread restricts itself before it reads the first byte, and then
 * does nothing but read and make system calls: what it started would be restricted too.
 */
final class DirectoryUnpack implements LayerUnpack {
  private final LayerFolder folder;
  private final Tree tree;
  private final OutputStream record;
  private final UnpackBudget budget;
  // Made here: its first use starts a thread of JNA's.
  private final WriteBuffer buffer = new WriteBuffer();

  private boolean recorded;

  private DirectoryUnpack(LayerFolder folder, Tree tree, OutputStream record, UnpackBudget budget) {
    this.folder = folder;
    this.tree = tree;
    this.record = record;
    this.budget = budget;
  }

  static DirectoryUnpack open(LayerFolder folder, UnpackBudget budget) throws IOException {
    Files.createDirectory(folder.diff());
    OutputStream record = Files.newOutputStream(folder.archiveRecord());
    return new DirectoryUnpack(folder, Tree.open(folder.diff()), record, budget);
  }

  @Override
  public LayerContents unpack(BlockStream archive) throws IOException {
    return read(archive);
  }

  /** Does so from any stream. */
  LayerContents read(InputStream archive) throws IOException {
    Landlock.restrictWritesTo(tree.root().fd());
    try (OutputStream out = record;
        ArchiveRecorder recorder = new ArchiveRecorder(archive, out);
        DirectoryTarget target = new DirectoryTarget(tree, buffer, budget, recorder)) {
      LayerContents contents = new ChangesetReader(target, budget).read(recorder);
      recorded = recorder.finish();
      return contents;
    }
  }

  @Override
  public boolean hasArchive() {
    return recorded;
  }

  @Override
  public void finish() throws IOException {
    try {
      tree.root().syncFileSystem();
    } catch (LinuxException e) {
      throw UnpackFailure.of("layer in " + folder.path(), e);
    }
  }

  @Override
  public void close() {
    buffer.close();
    tree.close();
  }
}
