package io.crij.image.unpack;

import io.crij.linux.Fd;
import io.crij.linux.tree.WriteBuffer;
import java.io.IOException;
import java.io.InputStream;

/** Bytes of an archive, written to a file as they are taken from their source. */
final class ArchiveCopy extends InputStream {
  private final InputStream source;
  private final Fd file;
  private final WriteBuffer buffer;
  private final byte[] block = new byte[BlockPipe.BLOCK_BYTES];
  private long total;
  private int position;
  private int limit;

  ArchiveCopy(InputStream source, Fd file, WriteBuffer buffer) {
    this.source = source;
    this.file = file;
    this.buffer = buffer;
  }

  @Override
  public int read() throws IOException {
    return fill() ? block[position++] & 0xff : -1;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int n = Math.min(length, limit - position);
    System.arraycopy(block, position, buffer, offset, n);
    position += n;
    return n;
  }

  @Override
  public long skip(long count) throws IOException {
    if (count <= 0 || !fill()) {
      return 0;
    }
    int n = (int) Math.min(count, limit - position);
    position += n;
    return n;
  }

  /** How many bytes there have been. */
  long total() {
    return total;
  }

  /** Takes what is left. */
  void finish() throws IOException {
    while (fill()) {
      position = limit;
    }
  }

  /** Makes at least one byte readable; false at the end. */
  private boolean fill() throws IOException {
    if (position < limit) {
      return true;
    }
    int n = source.read(block, 0, block.length);
    position = 0;
    limit = Math.max(n, 0);
    buffer.write(file, block, 0, limit);
    total += limit;
    return n > 0;
  }
}
