package io.crij.image.unpack;

import io.crij.linux.Fd;
import io.crij.linux.tree.WriteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Bytes of an archive, written to a file as they are taken from their source. */
final class ArchiveCopy extends BlockStream {
  private final BlockStream source;
  private final Fd file;
  private final WriteBuffer buffer;
  private long total;

  ArchiveCopy(BlockStream source, Fd file, WriteBuffer buffer) {
    this.source = source;
    this.file = file;
    this.buffer = buffer;
  }

  @Override
  @Nullable ByteBuffer next() throws IOException {
    ByteBuffer block = source.next();
    if (block != null) {
      buffer.write(file, block.array(), block.arrayOffset() + block.position(), block.remaining());
      total += block.remaining();
    }
    return block;
  }

  /** How many bytes there have been. */
  long total() {
    return total;
  }

  /** Takes what is left. */
  void finish() throws IOException {
    while (next() != null) {
      // Written by next.
    }
  }
}
