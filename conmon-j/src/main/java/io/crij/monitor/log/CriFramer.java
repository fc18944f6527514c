package io.crij.monitor.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Turns output of a container into lines of its log, as the kubelet reads them: {@code <timestamp>
 * <stream> <tag> <content>}, with tag F for the end of a line and P for a part of one that is
 * longer than 16 KiB. Bytes are passed on as they are.
 */
final class CriFramer {
  /** Longer lines are split; the same as containerd's default. */
  static final int MAX_CONTENT_BYTES = 16 * 1024;

  private static final byte FULL = 'F';
  private static final byte PART = 'P';
  private static final byte NEWLINE = '\n';

  private final CriTimestamp timestamp = new CriTimestamp();
  private final byte[] prefix;
  private int framedBytes;
  private boolean midLine;

  CriFramer(String stream) {
    byte[] rest = (" " + stream + " F ").getBytes(StandardCharsets.US_ASCII);
    prefix = new byte[CriTimestamp.BYTES + rest.length];
    System.arraycopy(rest, 0, prefix, CriTimestamp.BYTES, rest.length);
  }

  /** Sets the time that the lines of the next chunk get. */
  void stamp(long epochSecond, int nanos) {
    timestamp.write(prefix, epochSecond, nanos);
  }

  /**
   * Frames as much as fits into {@code out}.
   *
   * @param in the chunk, from index 0, in little-endian order
   * @return how many of the {@code length} bytes were framed; {@link #framedBytes} came of them
   */
  int frame(ByteBuffer in, int length, ByteBuffer out, Tail tail) {
    framedBytes = 0;
    int at = 0;
    while (at < length) {
      int limit = Math.min(length, at + MAX_CONTENT_BYTES + 1);
      int newline = Newlines.indexOf(in, at, limit);
      if (newline >= 0) {
        if (!put(FULL, in, at, newline + 1 - at, out)) {
          return at;
        }
        at = newline + 1;
      } else if (limit - at > MAX_CONTENT_BYTES) {
        if (!putWithNewline(PART, in, at, MAX_CONTENT_BYTES, out)) {
          return at;
        }
        at += MAX_CONTENT_BYTES;
      } else {
        boolean logged =
            tail != Tail.KEEP
                && putWithNewline(tail == Tail.FINAL ? FULL : PART, in, at, length - at, out);
        return logged ? length : at;
      }
    }
    return at;
  }

  /** Ends a line of which only parts were logged; nothing if there is none. */
  void finish(ByteBuffer out) {
    framedBytes = 0;
    if (midLine) {
      putWithNewline(FULL, out, 0, 0, out);
    }
  }

  /** How many bytes the last call has written, from index 0. */
  int framedBytes() {
    return framedBytes;
  }

  /** Whether what was logged last was a part. */
  boolean isMidLine() {
    return midLine;
  }

  void resumeMidLine(boolean wasMidLine) {
    midLine = wasMidLine;
  }

  private boolean putWithNewline(byte tag, ByteBuffer in, int at, int count, ByteBuffer out) {
    if (!fits(count + 1, out)) {
      return false;
    }
    put(tag, in, at, count, out);
    out.put(framedBytes++, NEWLINE);
    return true;
  }

  private boolean put(byte tag, ByteBuffer in, int at, int count, ByteBuffer out) {
    if (!fits(count, out)) {
      return false;
    }
    prefix[prefix.length - 2] = tag;
    out.put(framedBytes, prefix, 0, prefix.length);
    out.put(framedBytes + prefix.length, in, at, count);
    framedBytes += prefix.length + count;
    midLine = tag == PART;
    return true;
  }

  private boolean fits(int count, ByteBuffer out) {
    return framedBytes + prefix.length + count <= out.capacity();
  }
}
