package io.crij.image.erofs;

import io.crij.image.tar.TarContent;
import io.crij.image.tar.TarContent.Extent;
import java.util.ArrayList;
import java.util.List;

/**
 * A sparse file as a table of chunks of equal size. A chunk is a hole, or lies as a whole in the
 * archive at the begin of a block, or has to be put together in the image.
 */
final class SparseChunks {
  /** Of the table, however few parts are stored: it must not be much larger than the archive. */
  private static final long MOST_OF_ANY = 1024;

  private static final int MOST_PER_EXTENT = 16;

  /** Of the chunk, so that ordinary holes stay holes. */
  private static final int LEAST_BITS = 12;

  private final TarContent content;
  private final BlockSize blocks;
  private final int bits;

  SparseChunks(TarContent content, BlockSize blocks) {
    this.content = content;
    this.blocks = blocks;
    long most = MOST_OF_ANY + (long) MOST_PER_EXTENT * content.extents().size();
    int chunkBits = LEAST_BITS;
    while ((content.sizeBytes() >> chunkBits) >= (content.extents().isEmpty() ? 1 : most)) {
      chunkBits++;
    }
    this.bits = chunkBits;
  }

  /** Told each chunk, in order. */
  interface Visitor {
    void hole();

    /** All of it is in the archive, from this byte on. */
    void stored(long offset);

    /** It has parts of both kinds, or not at the begin of a block. */
    void mixed(Chunk chunk);
  }

  /**
   * A chunk to be put together.
   *
   * @param start in the file
   * @param length of it, less than others at the file's end
   * @param parts stored ones, cut at the chunk's borders
   */
  record Chunk(long start, long length, List<Part> parts) {}

  /**
   * Stored bytes.
   *
   * @param position in the file
   * @param offset in the archive
   */
  record Part(long position, long length, long offset) {}

  /** The logarithm of blocks in a chunk. */
  int blockBits() {
    return bits - blocks.bits();
  }

  long count() {
    return (content.sizeBytes() + (1L << bits) - 1) >> bits;
  }

  /** The chunks to be put together, in order. */
  List<Chunk> mixed() {
    List<Chunk> mixed = new ArrayList<>();
    visit(
        new Visitor() {
          @Override
          public void hole() {}

          @Override
          public void stored(long offset) {}

          @Override
          public void mixed(Chunk chunk) {
            mixed.add(chunk);
          }
        });
    return mixed;
  }

  void visit(Visitor visitor) {
    List<Extent> extents = content.extents();
    int next = 0;
    long offset = content.offset();
    for (long start = 0; start < content.sizeBytes(); start += 1L << bits) {
      long end = Math.min(content.sizeBytes(), start + (1L << bits));
      List<Part> parts = new ArrayList<>();
      while (next < extents.size() && extents.get(next).position() < end) {
        Extent extent = extents.get(next);
        long from = Math.max(start, extent.position());
        long to = Math.min(end, extent.end());
        parts.add(new Part(from, to - from, offset + from - extent.position()));
        if (extent.end() > end) {
          break;
        }
        offset += extent.length();
        next++;
      }
      tell(visitor, new Chunk(start, end - start, parts));
    }
  }

  private void tell(Visitor visitor, Chunk chunk) {
    if (chunk.parts.isEmpty()) {
      visitor.hole();
      return;
    }
    Part first = chunk.parts.getFirst();
    if (first.length == chunk.length && blocks.isAligned(first.offset)) {
      visitor.stored(first.offset);
    } else {
      visitor.mixed(chunk);
    }
  }
}
