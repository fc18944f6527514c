package io.crij.monitor.log;

import java.nio.ByteBuffer;

/** Looks for newlines eight bytes at a time. */
final class Newlines {
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long PATTERN = ONES * '\n';

  private Newlines() {}

  /** The index of the first newline in [from, to) of a little-endian buffer; -1 if none. */
  static int indexOf(ByteBuffer in, int from, int to) {
    int at = from;
    for (; at <= to - Long.BYTES; at += Long.BYTES) {
      long word = in.getLong(at) ^ PATTERN;
      // The lowest byte that was a newline is zero now and gets its high bit.
      long found = (word - ONES) & ~word & HIGH_BITS;
      if (found != 0) {
        return at + (Long.numberOfTrailingZeros(found) >>> 3);
      }
    }
    for (; at < to; at++) {
      if (in.get(at) == '\n') {
        return at;
      }
    }
    return -1;
  }
}
