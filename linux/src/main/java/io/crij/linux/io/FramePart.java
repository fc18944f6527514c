package io.crij.linux.io;

import io.crij.linux.Fd;

/** A piece of an outgoing frame. */
public sealed interface FramePart {
  long length();

  /** Bytes on the heap; not copied. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  record Bytes(byte[] bytes) implements FramePart {
    @Override
    public long length() {
      return bytes.length;
    }
  }

  /** The first {@code length} bytes of a file; closed once they were sent. */
  record File(Fd file, long length) implements FramePart {}
}
