package io.crij.linux.memory;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** The functions of the C library that deal with memory. */
final class MemoryLibrary {
  static {
    Native.register(MemoryLibrary.class, "c");
  }

  private MemoryLibrary() {}

  static native int madvise(long address, long length, int advice);

  static native int sysinfo(Pointer info);
}
