package io.crij.image.tar;

import io.crij.image.ImageException;

/** Numbers in headers: octal digits, or big-endian binary when the first bit is set (GNU). */
final class TarNumber {
  private static final int BINARY = 0x80;
  private static final int NEGATIVE = 0x40;

  private TarNumber() {}

  static long parse(byte[] block, int offset, int length) {
    return (block[offset] & BINARY) != 0
        ? binary(block, offset, length)
        : octal(block, offset, length);
  }

  private static long octal(byte[] block, int offset, int length) {
    int i = offset;
    int end = offset + length;
    while (i < end && (block[i] == ' ' || block[i] == 0)) {
      i++;
    }
    long value = 0;
    while (i < end && block[i] >= '0' && block[i] <= '7') {
      if (value >>> 60 != 0) {
        throw malformed();
      }
      value = (value << 3) | (block[i] - '0');
      i++;
    }
    while (i < end) {
      if (block[i] != ' ' && block[i] != 0) {
        throw malformed();
      }
      i++;
    }
    return value;
  }

  private static long binary(byte[] block, int offset, int length) {
    boolean negative = (block[offset] & NEGATIVE) != 0;
    long value = negative ? -1 : 0;
    for (int i = 0; i < length; i++) {
      int b = block[offset + i] & 0xff;
      if (i == 0) {
        b = negative ? b | BINARY : b & ~BINARY;
      }
      long next = (value << 8) | b;
      if (next >> 8 != value) {
        throw malformed();
      }
      value = next;
    }
    return value;
  }

  private static ImageException malformed() {
    return new ImageException.FailedPrecondition("archive header holds a malformed number");
  }
}
