package io.crij.monitor.framing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Turns output of a container into lines of its log, as the kubelet reads them: {@code <timestamp>
 * <stream> <tag> <content>}, with tag F for the end of a line and P for a part of one that is
 * longer than 16 KiB. Bytes are passed on as they are.
 *
 * <p>Each line is looked through and copied at once, eight bytes at a time: with lines of usual
 * length a call for each search or copy would cost more than the bytes themselves.
 */
public final class CriFramer {
  /** Longer lines are split; the same as containerd's default. */
  public static final int MAX_CONTENT_BYTES = 16 * 1024;

  /** What stands before the content of each line. */
  private static final int PREFIX_BYTES = CriTimestamp.BYTES + " stdout F ".length();

  private static final byte FULL = 'F';
  private static final byte PART = 'P';
  private static final byte NEWLINE = '\n';

  private final CriTimestamp timestamp = new CriTimestamp();
  private final byte[] prefix = new byte[PREFIX_BYTES];
  private final ByteBuffer prefixWords = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN);
  private int framedBytes;
  private boolean midLine;

  /**
   * @param stream as in log lines: stdout or stderr
   */
  public CriFramer(String stream) {
    byte[] rest = (" " + stream + " F ").getBytes(StandardCharsets.US_ASCII);
    if (CriTimestamp.BYTES + rest.length != PREFIX_BYTES) {
      throw new IllegalArgumentException("not a stream of the CRI: " + stream);
    }
    System.arraycopy(rest, 0, prefix, CriTimestamp.BYTES, rest.length);
  }

  /** Sets the time that the lines of the next chunk get. */
  public void stamp(long epochSecond, int nanos) {
    timestamp.write(prefix, epochSecond, nanos);
  }

  /**
   * Frames as much as fits into {@code out}, of which up to 7 bytes behind the lines may be
   * overwritten.
   *
   * @param in the chunk, from index 0
   * @return how many of the {@code length} bytes were framed; {@link #framedBytes} came of them
   */
  public int frame(ByteBuffer in, int length, ByteBuffer out, Tail tail) {
    framedBytes = 0;
    int at = 0;
    while (at < length) {
      int limit = Math.min(length, at + MAX_CONTENT_BYTES + 1);
      if (!fits(limit - at + 1, out)) {
        return at;
      }
      int content = framedBytes + PREFIX_BYTES;
      int newline = Newlines.copyThrough(in, at, limit, out, content);
      int count;
      if (newline >= 0) {
        count = newline + 1 - at;
        end(FULL, out, content + count);
      } else if (limit - at > MAX_CONTENT_BYTES) {
        count = MAX_CONTENT_BYTES;
        endWithNewline(PART, out, content + count);
      } else if (tail == Tail.KEEP) {
        return at;
      } else {
        count = length - at;
        endWithNewline(tail == Tail.FINAL ? FULL : PART, out, content + count);
      }
      at += count;
    }
    return at;
  }

  /** Ends a line of which only parts were logged; nothing if there is none. */
  public void finish(ByteBuffer out) {
    framedBytes = 0;
    if (midLine) {
      endWithNewline(FULL, out, PREFIX_BYTES);
    }
  }

  /**
   * Frames a line of the monitor's own, after the end of a line of which only parts were logged.
   */
  public void note(String text, ByteBuffer out) {
    finish(out);
    byte[] content = text.getBytes(StandardCharsets.US_ASCII);
    out.put(framedBytes + PREFIX_BYTES, content);
    endWithNewline(FULL, out, framedBytes + PREFIX_BYTES + content.length);
  }

  /** How many bytes the last call has written, from index 0. */
  public int framedBytes() {
    return framedBytes;
  }

  /** Whether what was logged last was a part. */
  public boolean isMidLine() {
    return midLine;
  }

  /** Goes on where another framer has ended. */
  public void resumeMidLine(boolean wasMidLine) {
    midLine = wasMidLine;
  }

  private void endWithNewline(byte tag, ByteBuffer out, int end) {
    out.put(end, NEWLINE);
    end(tag, out, end + 1);
  }

  /** Puts the prefix before a line whose content and newline are there. */
  private void end(byte tag, ByteBuffer out, int end) {
    prefix[PREFIX_BYTES - 2] = tag;
    for (int i = 0; i < PREFIX_BYTES; i += Long.BYTES) {
      out.putLong(framedBytes + i, prefixWords.getLong(i));
    }
    framedBytes = end;
    midLine = tag == PART;
  }

  private boolean fits(int count, ByteBuffer out) {
    return framedBytes + PREFIX_BYTES + count + Long.BYTES <= out.capacity();
  }
}
