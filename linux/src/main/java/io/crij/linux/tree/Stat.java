package io.crij.linux.tree;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What statx(2) says of a file.
 *
 * @param diskBytes it takes on its disk; less than its size if it has holes
 * @param links how many names it has
 * @param major number of a device node
 * @param minor number of a device node
 */
public record Stat(
    FileType type,
    Attributes attributes,
    long sizeBytes,
    long diskBytes,
    long inode,
    int links,
    int major,
    int minor) {
  static final int SIZE = 256;
  static final int BASIC_STATS = 0x7ff;

  /** The unit of {@code stx_blocks}, whatever the file system's. */
  private static final int BLOCK = 512;

  /** Whether overlayfs takes it for "not here, nor below". */
  public boolean isWhiteout() {
    return type == FileType.CHARACTER_DEVICE && major == 0 && minor == 0;
  }

  /** Reads struct statx. */
  static Stat of(byte[] statx) {
    ByteBuffer in = ByteBuffer.wrap(statx).order(ByteOrder.nativeOrder());
    int mode = in.getShort(28) & 0xffff;
    FileTime modified = new FileTime(in.getLong(112), in.getInt(120));
    return new Stat(
        FileType.of(mode),
        new Attributes(mode, in.getInt(20), in.getInt(24), modified),
        in.getLong(40),
        in.getLong(48) * BLOCK,
        in.getLong(32),
        in.getInt(16),
        in.getInt(128),
        in.getInt(132));
  }
}
