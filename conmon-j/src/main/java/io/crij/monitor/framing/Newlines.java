package io.crij.monitor.framing;

import java.nio.ByteBuffer;

/** Looks for newlines eight bytes at a time. */
final class Newlines {
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long PATTERN = ONES * '\n';

  private Newlines() {}

  /**
   * Copies bytes up to and with the first newline; whatever lies behind it may be copied too, up to
   * 7 bytes.
   *
   * @param in little-endian, as {@code out}
   * @return the index in {@code in} of the first newline in [from, to); -1 if there is none, and
   *     all is copied
   */
  static int copyThrough(ByteBuffer in, int from, int to, ByteBuffer out, int outFrom) {
    int shift = outFrom - from;
    int at = from;
    for (; at <= to - Long.BYTES; at += Long.BYTES) {
      long word = in.getLong(at);
      out.putLong(at + shift, word);
      long difference = word ^ PATTERN;
      // The lowest byte that was a newline is zero now and gets its high bit.
      long found = (difference - ONES) & ~difference & HIGH_BITS;
      if (found != 0) {
        return at + (Long.numberOfTrailingZeros(found) >>> 3);
      }
    }
    for (; at < to; at++) {
      byte b = in.get(at);
      out.put(at + shift, b);
      if (b == '\n') {
        return at;
      }
    }
    return -1;
  }
}
