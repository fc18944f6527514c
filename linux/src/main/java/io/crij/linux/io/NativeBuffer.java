package io.crij.linux.io;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Memory outside the heap with a fixed address, for system calls; freed with the object. */
public final class NativeBuffer {
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

  /** The address of the byte at {@code offset}, of which {@code length} follow. */
  long address(int offset, int length) {
    if (offset < 0 || length < 0 || offset > bytes.capacity() - length) {
      throw new IndexOutOfBoundsException(offset + " + " + length + " of " + bytes.capacity());
    }
    return address + offset;
  }
}
