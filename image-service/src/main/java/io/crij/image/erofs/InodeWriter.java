package io.crij.image.erofs;

import io.crij.linux.tree.Attributes;

/** Writes inodes with what stands right behind them, in the order of their places. */
final class InodeWriter {
  private static final int EXTENDED = 1;
  private static final int FLAT_PLAIN = 0;
  private static final int FLAT_INLINE = 2;
  private static final int CHUNK_BASED = 4;
  private static final int CHUNK_INDEXES = 0x20;
  private static final int NO_BLOCK = -1;
  private static final int TAR_DEVICE = 1;

  private final ImageLayout layout;
  private final ImageBuffer out;
  private long nextChunkBlock;
  private int serial;

  InodeWriter(ImageLayout layout, ImageBuffer out) {
    this.layout = layout;
    this.out = out;
    this.nextChunkBlock = layout.firstChunkBlock();
  }

  void write(Inode inode) {
    out.fillTo(inode.position());
    XattrArea xattrs = XattrArea.of(inode);
    switch (inode) {
      case Inode.Folder folder -> writeFolder(folder, xattrs);
      case Inode.Regular file -> writeFile(file, xattrs);
      case Inode.Symlink link -> writeLink(link, xattrs);
      case Inode.Special special -> {
        put(inode, FLAT_PLAIN, 0, special.device(), xattrs);
      }
    }
  }

  private void writeFolder(Inode.Folder folder, XattrArea xattrs) {
    FolderEntries entries = new FolderEntries(folder, layout.blocks());
    long size = entries.sizeBytes();
    if (layout.isInline(folder, xattrs.bytes(), size)) {
      put(folder, FLAT_INLINE, size, NO_BLOCK, xattrs);
      entries.write(out);
    } else {
      put(folder, FLAT_PLAIN, size, layout.firstFolderBlock() + folder.firstBlock(), xattrs);
    }
  }

  private void writeLink(Inode.Symlink link, XattrArea xattrs) {
    int size = link.target().length;
    if (layout.isInline(link, xattrs.bytes(), size)) {
      put(link, FLAT_INLINE, size, NO_BLOCK, xattrs);
      out.put(link.target());
    } else {
      put(link, FLAT_PLAIN, size, layout.firstFolderBlock() + link.firstBlock(), xattrs);
    }
  }

  private void writeFile(Inode.Regular file, XattrArea xattrs) {
    if (file.sparse() == null) {
      long block = layout.archiveBlock() + (file.offset() >> layout.blocks().bits());
      put(file, FLAT_PLAIN, file.sizeBytes(), file.sizeBytes() == 0 ? 0 : block, xattrs);
      return;
    }
    SparseChunks chunks = new SparseChunks(file.sparse(), layout.blocks());
    put(file, CHUNK_BASED, file.sizeBytes(), chunks.blockBits() | CHUNK_INDEXES, xattrs);
    out.fillTo(ImageLayout.tableStart(file, xattrs.bytes()));
    chunks.visit(
        new SparseChunks.Visitor() {
          @Override
          public void hole() {
            out.put2(0).put2(0).put4(NO_BLOCK);
          }

          @Override
          public void stored(long offset) {
            out.put2(0).put2(TAR_DEVICE).put4(offset >> layout.blocks().bits());
          }

          @Override
          public void mixed(SparseChunks.Chunk chunk) {
            out.put2(0).put2(0).put4(nextChunkBlock);
            nextChunkBlock += layout.blocks().blocks(chunk.length());
          }
        });
  }

  private void put(Inode inode, int form, long size, long address, XattrArea xattrs) {
    Attributes attributes = inode.attributes();
    out.put2(form << 1 | EXTENDED).put2(xattrs.count());
    out.put2(inode.type().bits() | attributes.mode()).put2(0).put8(size).put4(address);
    out.put4(++serial).put4(attributes.uid()).put4(attributes.gid());
    out.put8(attributes.modified().seconds()).put4(attributes.modified().nanos());
    out.put4(inode.links()).put8(0).put8(0);
    xattrs.write(out);
  }
}
