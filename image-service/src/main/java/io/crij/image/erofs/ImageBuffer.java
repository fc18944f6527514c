package io.crij.image.erofs;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes an image from its begin to its end; all numbers are little-endian. */
final class ImageBuffer {
  private final ErofsImage.ImageFile file;
  private final byte[] bytes = new byte[1 << 16];
  private final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  private long flushed;

  ImageBuffer(ErofsImage.ImageFile file) {
    this.file = file;
  }

  long position() {
    return flushed + buffer.position();
  }

  ImageBuffer put1(int value) {
    room(Byte.BYTES).put((byte) value);
    return this;
  }

  ImageBuffer put2(int value) {
    room(Short.BYTES).putShort((short) value);
    return this;
  }

  ImageBuffer put4(long value) {
    room(Integer.BYTES).putInt((int) value);
    return this;
  }

  ImageBuffer put8(long value) {
    room(Long.BYTES).putLong(value);
    return this;
  }

  ImageBuffer put(byte[] more) {
    int done = 0;
    while (done < more.length) {
      int part = Math.min(more.length - done, room(1).remaining());
      buffer.put(more, done, part);
      done += part;
    }
    return this;
  }

  /** Zeros up to a position. */
  void fillTo(long position) {
    if (position < position()) {
      throw new IllegalStateException("at " + position() + ", beyond " + position);
    }
    while (position() < position) {
      put1(0);
    }
  }

  private ByteBuffer room(int count) {
    if (buffer.remaining() < count) {
      flush();
    }
    return buffer;
  }

  void flush() {
    file.write(flushed, bytes, buffer.position());
    flushed += buffer.position();
    buffer.clear();
  }
}
