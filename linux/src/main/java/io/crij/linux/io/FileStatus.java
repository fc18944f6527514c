package io.crij.linux.io;

import com.sun.jna.Memory;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;

/**
 * What statx(2) says of an open file.
 *
 * @param mode type and permissions, as {@code st_mode}
 * @param links how many names it has; 0 after it was deleted
 */
public record FileStatus(int mode, int links, long inode, long sizeBytes) {
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int STATX_BYTES = 256;
  private static final int LINKS = 16;
  private static final int MODE = 28;
  private static final int INODE = 32;
  private static final int SIZE = 40;

  private static final int S_IFMT = 0xf000;
  private static final int S_IFREG = 0x8000;
  private static final int S_IFIFO = 0x1000;
  private static final int S_IFCHR = 0x2000;

  public static FileStatus of(Fd fd) {
    try (Memory result = new Memory(STATX_BYTES)) {
      if (IoLibrary.statx(fd.number(), "", AT_EMPTY_PATH, STATX_BASIC_STATS, result) != 0) {
        throw LinuxException.last("statx", fd.toString());
      }
      return new FileStatus(
          result.getShort(MODE) & 0xffff,
          result.getInt(LINKS),
          result.getLong(INODE),
          result.getLong(SIZE));
    }
  }

  public boolean isRegularFile() {
    return (mode & S_IFMT) == S_IFREG;
  }

  public boolean isPipe() {
    return (mode & S_IFMT) == S_IFIFO;
  }

  public boolean isCharacterDevice() {
    return (mode & S_IFMT) == S_IFCHR;
  }
}
