package io.crij.linux.memory;

import com.sun.jna.Memory;
import io.crij.linux.LinuxException;

/**
 * The memory of the whole node: sysinfo(2).
 *
 * @param freeBytes what nobody uses, not even as page cache
 */
public record NodeMemory(long totalBytes, long freeBytes) {
  private static final int SYSINFO_BYTES = 112;
  private static final int TOTAL = 32;
  private static final int FREE = 40;
  private static final int UNIT = 104;

  /** As it is now. */
  public static NodeMemory now() {
    try (Memory info = new Memory(SYSINFO_BYTES)) {
      if (MemoryLibrary.sysinfo(info) != 0) {
        throw LinuxException.last("sysinfo", "the node's memory");
      }
      long unit = info.getInt(UNIT);
      return new NodeMemory(info.getLong(TOTAL) * unit, info.getLong(FREE) * unit);
    }
  }
}
