package io.crij.image.tar;

import io.crij.image.ImageException;
import java.util.Arrays;

/**
 * One header block (POSIX.1-1988 ustar, GNU and older).
 *
 * @param flag of the type
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
record TarHeader(
    int flag,
    byte[] name,
    byte[] linkName,
    int mode,
    long uid,
    long gid,
    long size,
    long modified,
    long major,
    long minor) {
  static final int BLOCK = 512;

  private static final int CHECKSUM = 148;
  private static final int CHECKSUM_LENGTH = 8;
  private static final int MAGIC = 257;
  private static final int PREFIX = 345;
  private static final int PREFIX_LENGTH = 155;
  private static final int STAR_PREFIX_LENGTH = 131;
  private static final int STAR_TRAILER = 508;
  private static final int MODE_BITS = 07777;

  static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  static TarHeader parse(byte[] block) {
    verifyChecksum(block);
    boolean ustar = startsWith(block, MAGIC, "ustar\0");
    boolean gnu = startsWith(block, MAGIC, "ustar ");
    byte[] name = text(block, 0, 100);
    if (ustar) {
      boolean star = startsWith(block, STAR_TRAILER, "tar\0");
      byte[] prefix = text(block, PREFIX, star ? STAR_PREFIX_LENGTH : PREFIX_LENGTH);
      name = prefix.length == 0 ? name : join(prefix, name);
    }
    boolean device = ustar || gnu;
    return new TarHeader(
        block[156] & 0xff,
        name,
        text(block, 157, 100),
        (int) (TarNumber.parse(block, 100, 8) & MODE_BITS),
        TarNumber.parse(block, 108, 8),
        TarNumber.parse(block, 116, 8),
        TarNumber.parse(block, 124, 12),
        TarNumber.parse(block, 136, 12),
        device ? TarNumber.parse(block, 329, 8) : 0,
        device ? TarNumber.parse(block, 337, 8) : 0);
  }

  private static void verifyChecksum(byte[] block) {
    long unsigned = 0;
    long signed = 0;
    for (int i = 0; i < BLOCK; i++) {
      byte b = i >= CHECKSUM && i < CHECKSUM + CHECKSUM_LENGTH ? (byte) ' ' : block[i];
      unsigned += b & 0xff;
      signed += b;
    }
    long stated = TarNumber.parse(block, CHECKSUM, CHECKSUM_LENGTH);
    if (stated != unsigned && stated != signed) {
      throw new ImageException.FailedPrecondition(
          "not a tar archive, or a damaged one: a header's checksum is wrong");
    }
  }

  private static boolean startsWith(byte[] block, int offset, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (block[offset + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static byte[] text(byte[] block, int offset, int length) {
    int end = offset;
    while (end < offset + length && block[end] != 0) {
      end++;
    }
    return Arrays.copyOfRange(block, offset, end);
  }

  private static byte[] join(byte[] prefix, byte[] name) {
    byte[] path = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
    path[prefix.length] = '/';
    System.arraycopy(name, 0, path, prefix.length + 1, name.length);
    return path;
  }
}
