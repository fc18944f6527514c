package io.crij.image.erofs;

import io.crij.image.ImageException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Where everything is in an image: super block and device table, inodes with what fits behind them,
 * then blocks of large folders and long links, then chunks of sparse files. Folders come before
 * what is in them, and that together.
 */
final class ImageLayout {
  static final int SUPER_BLOCK = 1024;
  static final int DEVICE_SLOT = SUPER_BLOCK + 128;
  static final int DEVICE_SLOT_BYTES = 128;
  static final int INODE_BYTES = 64;
  static final int CHUNK_BYTES = 8;

  /** Inodes are numbered by these. */
  private static final int SLOT_BYTES = 32;

  /** Numbers of blocks have 32 bits, and the last means "none". */
  private static final long MOST_BLOCKS = (1L << 32) - 2;

  private final BlockSize blocks;
  private final List<Inode> inodes = new ArrayList<>();
  private long inodesEnd;
  private long folderBlocks;
  private long chunkBlocks;
  private boolean hasChunks;

  private ImageLayout(BlockSize blocks) {
    this.blocks = blocks;
    this.inodesEnd = blocks.roundUp(DEVICE_SLOT + DEVICE_SLOT_BYTES);
  }

  /** Places all of a tree. */
  static ImageLayout of(FileTree tree, BlockSize blocks) {
    ImageLayout layout = new ImageLayout(blocks);
    layout.placeAll(tree.root());
    return layout;
  }

  /** The number by which an inode that is placed is known in the image. */
  static long number(Inode inode) {
    return inode.position() / SLOT_BYTES;
  }

  BlockSize blocks() {
    return blocks;
  }

  /** In the order of their places. */
  List<Inode> inodes() {
    return inodes;
  }

  boolean hasChunks() {
    return hasChunks;
  }

  long firstFolderBlock() {
    return blocks.blocks(inodesEnd);
  }

  long firstChunkBlock() {
    return firstFolderBlock() + folderBlocks;
  }

  long totalBlocks() {
    return firstChunkBlock() + chunkBlocks;
  }

  /** The address at which the archive's blocks begin. */
  long archiveBlock() {
    return totalBlocks();
  }

  /** Whether what an inode has besides its attributes stands right behind it. */
  boolean isInline(Inode inode, int xattrBytes, long size) {
    int left = blocks.leftAt(inode.position() + INODE_BYTES + xattrBytes);
    return size < blocks.bytes() && size <= left;
  }

  /** Refuses an archive that addresses do not reach. */
  void requireReach(long archiveBlocks) {
    if (totalBlocks() + archiveBlocks > MOST_BLOCKS) {
      throw new ImageException.ResourceExhausted("layer is too large for an EROFS image");
    }
  }

  private void placeAll(Inode.Folder root) {
    Deque<Inode.Folder> left = new ArrayDeque<>();
    placeFolder(root, left);
    // It is its own parent.
    root.addLink();
    while (!left.isEmpty()) {
      Inode.Folder folder = left.remove();
      for (Inode child : folder.entries().values()) {
        child.addLink();
        if (child.isPlaced()) {
          continue;
        }
        switch (child) {
          case Inode.Folder below -> {
            placeFolder(below, left);
            folder.addLink();
          }
          case Inode.Regular file -> placeFile(file);
          case Inode.Symlink link -> placeLink(link);
          case Inode.Special special -> place(special, 0, 0);
        }
      }
    }
  }

  private void placeFolder(Inode.Folder folder, Deque<Inode.Folder> left) {
    long size = new FolderEntries(folder, blocks).sizeBytes();
    if (!place(folder, size, 0)) {
      folder.setFirstBlock(folderBlocks);
      folderBlocks += blocks.blocks(size);
    }
    // Of itself to itself.
    folder.addLink();
    left.add(folder);
  }

  private void placeLink(Inode.Symlink link) {
    if (!place(link, link.target().length, 0)) {
      link.setFirstBlock(folderBlocks);
      folderBlocks += blocks.blocks(link.target().length);
    }
  }

  private void placeFile(Inode.Regular file) {
    if (file.sparse() == null) {
      place(file, 0, 0);
      return;
    }
    hasChunks = true;
    SparseChunks chunks = new SparseChunks(file.sparse(), blocks);
    place(file, 0, chunks.count() * CHUNK_BYTES);
    for (SparseChunks.Chunk chunk : chunks.mixed()) {
      chunkBlocks += blocks.blocks(chunk.length());
    }
  }

  /**
   * Places an inode.
   *
   * @param inline what should stand right behind it, within one block
   * @param table what must stand behind it, across blocks
   * @return whether {@code inline} does
   */
  private boolean place(Inode inode, long inline, long table) {
    int xattrs = XattrArea.of(inode).bytes();
    inode.place(inodesEnd);
    if (!isInline(inode, xattrs, inline)) {
      inode.place(blocks.roundUp(inodesEnd));
      if (!isInline(inode, xattrs, inline)) {
        inode.place(inodesEnd);
      }
    }
    boolean isInline = isInline(inode, xattrs, inline);
    inodes.add(inode);
    long end = inode.position() + INODE_BYTES + xattrs + (isInline ? inline : 0);
    if (table > 0) {
      end = tableStart(inode, xattrs) + table;
    }
    inodesEnd = (end + SLOT_BYTES - 1) / SLOT_BYTES * SLOT_BYTES;
    return isInline;
  }

  static long tableStart(Inode inode, int xattrBytes) {
    long end = inode.position() + INODE_BYTES + xattrBytes;
    return (end + CHUNK_BYTES - 1) / CHUNK_BYTES * CHUNK_BYTES;
  }
}
