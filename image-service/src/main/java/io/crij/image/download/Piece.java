package io.crij.image.download;

import io.crij.image.content.BlobPart;

/** Bytes of a blob that one thread fetches, from the first on. Guarded by the download's lock. */
final class Piece {
  private final int index;
  private final long from;
  private long next;
  private long noted;
  private long end;
  private boolean claimed;

  /**
   * @param index by which its span is noted
   * @param next up to which it is there
   */
  Piece(int index, long from, long next, long end) {
    this.index = index;
    this.from = from;
    this.next = next;
    this.noted = next;
    this.end = end;
  }

  int index() {
    return index;
  }

  long from() {
    return from;
  }

  /** The first byte that is not there. */
  long next() {
    return next;
  }

  long end() {
    return end;
  }

  long left() {
    return end - next;
  }

  boolean isClaimed() {
    return claimed;
  }

  void claim(boolean mine) {
    claimed = mine;
  }

  /** So many more bytes are there. */
  void advance(int count) {
    next += count;
  }

  /** What is there; the caller writes it down. */
  BlobPart.Span note() {
    noted = next;
    return new BlobPart.Span(from, next);
  }

  long unnoted() {
    return next - noted;
  }

  /** Gives up the half that comes last. */
  Piece split(int newIndex) {
    long middle = next + left() / 2;
    Piece half = new Piece(newIndex, middle, middle, end);
    end = middle;
    return half;
  }
}
