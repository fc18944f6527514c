package io.crij.monitor.framing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Turns output of a container into lines of its log, as the kubelet reads them: {@code <timestamp>
 * <stream> <tag> <content>}, with tag F for the end of a line and P for a part of one that is
 * longer than 16 KiB. Bytes are passed on as they are.
 *
 * <p>A line is looked through and copied at once, eight bytes at a time: with lines of usual length
 * a call for each search or copy would cost more than the bytes themselves. Where it turns out to
 * be long, it is only looked through.
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

  /** A line as it was framed. */
  public record Line(boolean isError, boolean isPart, ByteBuffer content) {}

  /**
   * What a framed line says.
   *
   * @param from where it begins
   * @param to where its newline is
   */
  public static Line line(ByteBuffer framed, int from, int to) {
    int content = from + PREFIX_BYTES;
    return new Line(
        framed.get(from + CriTimestamp.BYTES + " std".length()) == 'e',
        framed.get(content - " ".length() - 1) == PART,
        framed.slice(content, to - content));
  }

  /** Sets the time that the lines of the next chunk get. */
  public void stamp(Instant time) {
    timestamp.write(prefix, time.getEpochSecond(), time.getNano());
  }

  /**
   * Frames as much as there is room for.
   *
   * @param length of the chunk, which begins at index 0 of the input
   * @return how many of the {@code length} bytes were framed
   */
  public int frame(FramedLines lines, int length, Tail tail) {
    lines.clear();
    int at = 0;
    while (at < length) {
      int limit = Math.min(length, at + MAX_CONTENT_BYTES + 1);
      if (!lines.hasRoom(PREFIX_BYTES + 1, limit - at)) {
        return at;
      }
      int near = Math.min(limit, at + FramedLines.LONG_BYTES);
      int to = lines.copiedBytes() + PREFIX_BYTES;
      int newline = Newlines.copyThrough(lines.in().bytes(), at, near, lines.out(), to);
      boolean isLong = newline < 0 && near < limit;
      if (isLong) {
        newline = lines.in().indexOf(NEWLINE, near, limit);
      }
      int count;
      if (newline >= 0) {
        count = newline + 1 - at;
        put(lines, FULL, at, count, isLong);
      } else if (limit - at > MAX_CONTENT_BYTES) {
        count = MAX_CONTENT_BYTES;
        putWithNewline(lines, PART, at, count, true);
      } else if (tail == Tail.KEEP) {
        return at;
      } else {
        count = length - at;
        putWithNewline(lines, tail == Tail.FINAL ? FULL : PART, at, count, isLong);
      }
      at += count;
    }
    return at;
  }

  /** Ends a line of which only parts were logged; nothing if there is none. */
  public void finish(FramedLines lines) {
    lines.clear();
    if (midLine) {
      putWithNewline(lines, FULL, 0, 0, false);
    }
  }

  /**
   * Frames a line of the monitor's own, after the end of a line of which only parts were logged.
   */
  public void note(String text, FramedLines lines) {
    finish(lines);
    byte[] content = text.getBytes(StandardCharsets.US_ASCII);
    lines.out().put(lines.copiedBytes() + PREFIX_BYTES, content);
    putWithNewline(lines, FULL, 0, content.length, false);
  }

  /** Whether what was logged last was a part. */
  public boolean isMidLine() {
    return midLine;
  }

  /** Goes on where another framer has ended. */
  public void resumeMidLine(boolean wasMidLine) {
    midLine = wasMidLine;
  }

  private void putWithNewline(
      FramedLines lines, byte tag, int from, int count, boolean staysInInput) {
    put(lines, tag, from, count, staysInInput);
    lines.out().put(lines.copiedBytes(), NEWLINE);
    lines.copied(1);
  }

  /** Puts the prefix before content, which was copied behind it or stays in the input. */
  private void put(FramedLines lines, byte tag, int from, int count, boolean staysInInput) {
    prefix[PREFIX_BYTES - 2] = tag;
    int at = lines.copiedBytes();
    for (int i = 0; i < PREFIX_BYTES; i += Long.BYTES) {
      lines.out().putLong(at + i, prefixWords.getLong(i));
    }
    lines.copied(PREFIX_BYTES);
    if (staysInInput) {
      lines.stays(from, count);
    } else {
      lines.copied(count);
    }
    midLine = tag == PART;
  }
}
