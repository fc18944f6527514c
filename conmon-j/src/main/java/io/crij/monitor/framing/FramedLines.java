package io.crij.monitor.framing;

import io.crij.linux.Fd;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import java.nio.ByteBuffer;

/**
 * Lines of a log, in pieces: what is short was copied to one buffer, long content stays in the
 * input and is written from there, because copying it would cost more than looking through it.
 */
public final class FramedLines {
  /** Content of so many bytes stays in the input. */
  static final int LONG_BYTES = 1024;

  /** Pieces that are not copied, at most; with those around them less than {@code IOV_MAX}. */
  private static final int MAX_LONG = 500;

  private static final int MAX_PIECES = 2 * MAX_LONG + 1;

  /** What {@link Newlines} may overwrite behind the content. */
  private static final int SPARE_BYTES = Long.BYTES;

  private final NativeBuffer in;
  private final NativeBuffer out;
  private final NativeBuffer vector = NativeBuffer.allocate(MAX_PIECES * NativeBuffer.PIECE_BYTES);

  /** Of each long piece: where it goes in the copied text, and where it is in the input. */
  private final int[] positions = new int[MAX_LONG];

  private final int[] starts = new int[MAX_LONG];
  private final int[] lengths = new int[MAX_LONG];
  private int longPieces;
  private int longBytes;
  private int copiedBytes;

  /**
   * Has no lines yet.
   *
   * @param in where the input will be, from index 0
   */
  public FramedLines(NativeBuffer in, NativeBuffer out) {
    this.in = in;
    this.out = out;
  }

  /** The input, from index 0. */
  public NativeBuffer in() {
    return in;
  }

  ByteBuffer out() {
    return out.bytes();
  }

  int copiedBytes() {
    return copiedBytes;
  }

  /** How long all lines are together. */
  public int bytes() {
    return copiedBytes + longBytes;
  }

  /** Copies all into one buffer, from index 0. */
  public void copyTo(ByteBuffer whole) {
    int at = 0;
    for (int piece = 0; piece < pieces(); piece++) {
      whole.put(at, buffer(piece).bytes(), start(piece), length(piece));
      at += length(piece);
    }
  }

  /**
   * Writes what comes after the first {@code written} bytes.
   *
   * @return how many bytes were written, perhaps not all; -1 when it would block
   */
  public int writeTo(Fd fd, int written) {
    int before = written;
    int count = 0;
    for (int piece = 0; piece < pieces(); piece++) {
      int length = length(piece);
      int skipped = Math.min(before, length);
      before -= skipped;
      if (skipped < length) {
        vector.putPiece(count++, buffer(piece), start(piece) + skipped, length - skipped);
      }
    }
    return Descriptors.write(fd, vector, count);
  }

  /** Pieces with even numbers are in the output, others in the input. */
  private int pieces() {
    return 2 * longPieces + 1;
  }

  private NativeBuffer buffer(int piece) {
    return piece % 2 == 0 ? out : in;
  }

  private int start(int piece) {
    if (piece % 2 == 1) {
      return starts[piece / 2];
    }
    return piece == 0 ? 0 : positions[piece / 2 - 1];
  }

  /** May be 0. */
  private int length(int piece) {
    if (piece % 2 == 1) {
      return lengths[piece / 2];
    }
    int end = piece / 2 == longPieces ? copiedBytes : positions[piece / 2];
    return end - start(piece);
  }

  void clear() {
    longPieces = 0;
    longBytes = 0;
    copiedBytes = 0;
  }

  /** Whether there is room for as much around content of this length, and for the content. */
  boolean hasRoom(int around, int content) {
    int copied = around + Math.min(content, LONG_BYTES) + SPARE_BYTES;
    return longPieces < MAX_LONG && copied <= out.capacity() - copiedBytes;
  }

  /** What was put behind the copied text belongs to it. */
  void copied(int bytes) {
    copiedBytes += bytes;
  }

  /** Content that stays in the input. */
  void stays(int start, int length) {
    positions[longPieces] = copiedBytes;
    starts[longPieces] = start;
    lengths[longPieces] = length;
    longPieces++;
    longBytes += length;
  }
}
