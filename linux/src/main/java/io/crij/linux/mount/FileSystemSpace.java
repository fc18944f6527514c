package io.crij.linux.mount;

import com.sun.jna.Memory;
import io.crij.linux.LinuxException;
import java.nio.file.Path;

/**
 * How much a file system holds, and whether more may be written to it: statfs(2).
 *
 * @param inodes 0 where the file system makes them as it needs them
 * @param isReadOnly also when only the mount is
 */
public record FileSystemSpace(long totalBytes, long inodes, long freeInodes, boolean isReadOnly) {
  private static final int STATFS_BYTES = 256;
  private static final int BLOCK_SIZE = 8;
  private static final int BLOCKS = 16;
  private static final int FILES = 40;
  private static final int FREE_FILES = 48;
  private static final int FLAGS = 80;
  private static final long ST_RDONLY = 1;

  /** Of the one that {@code path} is on. */
  public static FileSystemSpace of(Path path) {
    try (Memory statfs = new Memory(STATFS_BYTES)) {
      if (MountLibc.statfs(path.toString(), statfs) != 0) {
        throw LinuxException.last("statfs", path.toString());
      }
      return new FileSystemSpace(
          statfs.getLong(BLOCKS) * statfs.getLong(BLOCK_SIZE),
          statfs.getLong(FILES),
          statfs.getLong(FREE_FILES),
          (statfs.getLong(FLAGS) & ST_RDONLY) != 0);
    }
  }
}
