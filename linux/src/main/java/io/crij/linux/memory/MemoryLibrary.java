package io.crij.linux.memory;

import com.sun.jna.Native;

/** The function of the C library that deals with mappings. */
final class MemoryLibrary {
  static {
    Native.register(MemoryLibrary.class, "c");
  }

  private MemoryLibrary() {}

  static native int madvise(long address, long length, int advice);
}
