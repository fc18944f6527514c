package io.crij.image.erofs;

import io.crij.image.tar.TarContent;
import io.crij.linux.Fd;
import io.crij.linux.tree.WriteBuffer;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Writes the image of a layer whose archive is whole. */
public final class ErofsImage {
  private static final int COPY_BYTES = 1 << 16;

  private final ImageLayout layout;
  private final FileTree tree;
  private final Archive archive;
  private final ImageFile out;

  private ErofsImage(ImageLayout layout, FileTree tree, Archive archive, ImageFile out) {
    this.layout = layout;
    this.tree = tree;
    this.archive = archive;
    this.out = out;
  }

  /**
   * A layer's uncompressed archive.
   *
   * @param file where it is, open to read; its position does not matter and stays
   * @param tag what an image says of it, up to 64 characters for people; e.g. its digest
   */
  public record Archive(Fd file, long sizeBytes, String tag) {}

  /**
   * Writes to an empty file; nothing is synced.
   *
   * @param buffer nobody else's meanwhile
   * @return the image's size in bytes
   */
  public static long write(ErofsTarget layer, Archive archive, Fd out, WriteBuffer buffer)
      throws IOException {
    return write(layer, archive, BlockSize.OF_TAR, new ImageFile(out, buffer));
  }

  static long write(ErofsTarget layer, Archive archive, BlockSize blocks, ImageFile out)
      throws IOException {
    ImageLayout layout = ImageLayout.of(layer.tree(), blocks);
    new ErofsImage(layout, layer.tree(), archive, out).write();
    return layout.totalBlocks() << blocks.bits();
  }

  private void write() throws IOException {
    long archiveBlocks = layout.blocks().blocks(archive.sizeBytes());
    layout.requireReach(archiveBlocks);
    ImageBuffer buffer = new ImageBuffer(out);
    InodeWriter inodes = new InodeWriter(layout, buffer);
    for (Inode inode : layout.inodes()) {
      inodes.write(inode);
    }
    for (Inode inode : layout.inodes()) {
      writeBlocks(inode, buffer);
    }
    buffer.fillTo(layout.firstChunkBlock() << layout.blocks().bits());
    buffer.flush();
    if (layout.hasChunks()) {
      copyChunks();
    }
    SuperBlock.write(layout, tree.root(), archiveBlocks, archive.tag(), out);
  }

  /** What of an inode has blocks of its own. */
  private void writeBlocks(Inode inode, ImageBuffer buffer) {
    switch (inode) {
      case Inode.Folder folder -> {
        FolderEntries entries = new FolderEntries(folder, layout.blocks());
        if (!layout.isInline(folder, XattrArea.of(folder).bytes(), entries.sizeBytes())) {
          buffer.fillTo(address(folder.firstBlock()));
          entries.write(buffer);
        }
      }
      case Inode.Symlink link -> {
        if (!layout.isInline(link, XattrArea.of(link).bytes(), link.target().length)) {
          buffer.fillTo(address(link.firstBlock()));
          buffer.put(link.target());
        }
      }
      case Inode.Regular _, Inode.Special _ -> {}
    }
  }

  private long address(long folderBlock) {
    return (layout.firstFolderBlock() + folderBlock) << layout.blocks().bits();
  }

  /** Chunks that the archive does not have as they must be; what is a hole in them stays one. */
  private void copyChunks() throws IOException {
    byte[] bytes = new byte[COPY_BYTES];
    long to = layout.firstChunkBlock() << layout.blocks().bits();
    try (FileInputStream stream = new FileInputStream(archive.file().procPath())) {
      for (Inode inode : layout.inodes()) {
        TarContent sparse = inode instanceof Inode.Regular file ? file.sparse() : null;
        if (sparse == null) {
          continue;
        }
        for (SparseChunks.Chunk chunk : new SparseChunks(sparse, layout.blocks()).mixed()) {
          for (SparseChunks.Part part : chunk.parts()) {
            copy(stream.getChannel(), part, to + part.position() - chunk.start(), bytes);
          }
          to += layout.blocks().roundUp(chunk.length());
        }
      }
    }
    out.setSize(layout.totalBlocks() << layout.blocks().bits());
  }

  private void copy(FileChannel from, SparseChunks.Part part, long to, byte[] bytes)
      throws IOException {
    long done = 0;
    while (done < part.length()) {
      int count = (int) Math.min(bytes.length, part.length() - done);
      int n = from.read(ByteBuffer.wrap(bytes, 0, count), part.offset() + done);
      if (n <= 0) {
        throw new EOFException("archive ends before its content");
      }
      out.write(to + done, bytes, n);
      done += n;
    }
  }

  /** The file of an image being written. */
  static final class ImageFile {
    private final Fd fd;
    private final WriteBuffer buffer;
    private long position;

    /**
     * Starts at the file's begin.
     *
     * @param buffer nobody else's meanwhile
     */
    ImageFile(Fd fd, WriteBuffer buffer) {
      this.fd = fd;
      this.buffer = buffer;
    }

    void write(long at, byte[] bytes, int count) {
      if (at != position) {
        buffer.seek(fd, at);
      }
      buffer.write(fd, bytes, 0, count);
      position = at + count;
    }

    /** What is added is a hole. */
    void setSize(long bytes) {
      buffer.truncate(fd, bytes);
    }
  }
}
