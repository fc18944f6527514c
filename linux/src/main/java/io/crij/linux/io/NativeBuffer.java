package io.crij.linux.io;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Memory outside the heap with a fixed address, for system calls; freed with the object. */
public final class NativeBuffer {
  /** What {@link #putPiece} takes: struct iovec. */
  public static final int PIECE_BYTES = 2 * Long.BYTES;

  private final ByteBuffer bytes;
  private final long address;

  private NativeBuffer(ByteBuffer bytes) {
    this.bytes = bytes;
    this.address = Pointer.nativeValue(Native.getDirectBufferPointer(bytes));
  }

  public static NativeBuffer allocate(int capacityBytes) {
    return new NativeBuffer(
        ByteBuffer.allocateDirect(capacityBytes).order(ByteOrder.nativeOrder()));
  }

  /** The content, from index 0; in native byte order. Position and limit mean nothing here. */
  public ByteBuffer bytes() {
    return bytes;
  }

  public int capacity() {
    return bytes.capacity();
  }

  /**
   * Notes here where a piece of memory is, for {@link Descriptors#write(io.crij.linux.Fd,
   * NativeBuffer, int)}.
   *
   * @param number of the piece, from 0
   */
  public void putPiece(int number, NativeBuffer of, int offset, int length) {
    bytes.putLong(number * PIECE_BYTES, of.address(offset, length));
    bytes.putLong(number * PIECE_BYTES + Long.BYTES, length);
  }

  /** The index of the first such byte in [from, to), by memchr(3); -1 if there is none. */
  public int indexOf(byte wanted, int from, int to) {
    long start = address(from, to - from);
    long found = IoLibrary.memchr(start, wanted, to - from);
    return found == 0 ? -1 : from + (int) (found - start);
  }

  /** The address of the byte at {@code offset}, of which {@code length} follow. */
  long address(int offset, int length) {
    if (offset < 0 || length < 0 || offset > bytes.capacity() - length) {
      throw new IndexOutOfBoundsException(offset + " + " + length + " of " + bytes.capacity());
    }
    return address + offset;
  }
}
