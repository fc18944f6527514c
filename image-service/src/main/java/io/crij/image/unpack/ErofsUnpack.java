package io.crij.image.unpack;

import io.crij.image.LayerKind;
import io.crij.image.changeset.ChangesetReader;
import io.crij.image.changeset.LayerContents;
import io.crij.image.changeset.UnpackBudget;
import io.crij.image.changeset.UnpackFailure;
import io.crij.image.erofs.ErofsImage;
import io.crij.image.erofs.ErofsTarget;
import io.crij.image.erofs.TreeMemory;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.WriteBuffer;
import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a layer its archive, written as it comes, and an EROFS image of metadata that points into
 * it. A layer of more files than memory has room for becomes a directory instead.
 */
final class ErofsUnpack implements LayerUnpack {
  private static final Logger log = LoggerFactory.getLogger(ErofsUnpack.class);

  private static final int PRIVATE = 0600;
  private static final long INODES = 2;

  private final LayerFolder folder;
  private final UnpackBudget budget;
  private final TreeMemory memory;
  private final String tag;
  private final Fd tar;
  private final WriteBuffer buffer = new WriteBuffer();

  /** What it becomes instead. */
  private @Nullable DirectoryUnpack directory;

  private ErofsUnpack(
      LayerFolder folder, UnpackBudget budget, TreeMemory memory, String tag, Fd tar) {
    this.folder = folder;
    this.budget = budget;
    this.memory = memory;
    this.tag = tag;
    this.tar = tar;
  }

  /**
   * Prepares to make a layer.
   *
   * @param tag of the image, for people
   */
  static ErofsUnpack open(LayerFolder folder, UnpackBudget budget, TreeMemory memory, String tag)
      throws IOException {
    return new ErofsUnpack(folder, budget, memory, tag, create(folder.tar()));
  }

  private static Fd create(Path file) {
    return Fd.open(file.toString(), Fd.O_RDWR | Fd.O_CREAT | Fd.O_EXCL, PRIVATE);
  }

  @Override
  public LayerContents unpack(BlockStream archive) throws IOException {
    try {
      return make(new ArchiveCopy(archive, tar, buffer));
    } catch (LinuxException e) {
      throw UnpackFailure.of("layer " + tag, e);
    }
  }

  private LayerContents make(ArchiveCopy copy) throws IOException {
    try (ErofsTarget target = new ErofsTarget(memory)) {
      LayerContents contents = new ChangesetReader(target, budget).read(copy);
      copy.finish();
      long bytes = copy.total() + write(target, copy.total());
      return new LayerContents(LayerKind.EROFS, bytes, INODES, contents.implied());
    } catch (TreeMemory.ExceededException e) {
      log.info("layer {} becomes a directory: {}", tag, e.getMessage());
      copy.finish();
    }
    try (InputStream archive = new FileInputStream(tar.procPath())) {
      directory = DirectoryUnpack.open(folder, budget.again());
      return directory.read(new BufferedInputStream(archive, BlockPipe.BLOCK_BYTES));
    }
  }

  /** The size of the image, which is then on the disk with its archive. */
  private long write(ErofsTarget target, long archiveBytes) throws IOException {
    try (Fd image = create(folder.erofs())) {
      ErofsImage.Archive archive = new ErofsImage.Archive(tar, archiveBytes, tag);
      long size = ErofsImage.write(target, archive, image, buffer);
      image.sync();
      tar.sync();
      return size;
    }
  }

  @Override
  public boolean hasArchive() {
    return directory == null || directory.hasArchive();
  }

  @Override
  public void finish() throws IOException {
    if (directory != null) {
      directory.finish();
      Files.delete(folder.tar());
    }
  }

  @Override
  public void close() {
    if (directory != null) {
      directory.close();
    }
    tar.close();
    buffer.close();
  }
}
