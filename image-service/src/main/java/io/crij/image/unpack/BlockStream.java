package io.crij.image.unpack;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A stream whose bytes come in blocks. */
abstract class BlockStream extends InputStream {
  private ByteBuffer block = ByteBuffer.allocate(0);

  /**
   * The next block, which has an array that is not to be changed and is good until the next call;
   * null at the end.
   */
  abstract @Nullable ByteBuffer next() throws IOException;

  @Override
  public final int read() throws IOException {
    return fill() ? block.get() & 0xff : -1;
  }

  @Override
  public final int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int n = Math.min(length, block.remaining());
    block.get(target, offset, n);
    return n;
  }

  @Override
  public final long skip(long count) throws IOException {
    if (count <= 0 || !fill()) {
      return 0;
    }
    int n = (int) Math.min(count, block.remaining());
    block.position(block.position() + n);
    return n;
  }

  /** Makes at least one byte readable; false at the end. */
  private boolean fill() throws IOException {
    while (!block.hasRemaining()) {
      ByteBuffer next = next();
      if (next == null) {
        return false;
      }
      block = next;
    }
    return true;
  }
}
