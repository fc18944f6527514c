package io.crij.image.tar;

import java.util.List;

/**
 * The bytes of a regular file, and where in the archive they are. What is between the extents reads
 * as zeros and is not stored.
 *
 * @param offset of the first stored byte in the archive; a multiple of 512
 * @param sizeBytes of the file
 * @param extents what is stored, one right after the other, in the order of the file
 */
public record TarContent(long offset, long sizeBytes, List<Extent> extents) {
  /** Of what has no content. */
  public static final TarContent NONE = new TarContent(0, 0, List.of());

  /**
   * A part of a file that is stored.
   *
   * @param position in the file
   * @param length in bytes, at least one
   */
  public record Extent(long position, long length) {
    public long end() {
      return position + length;
    }
  }

  public TarContent {
    extents = List.copyOf(extents);
  }

  static TarContent whole(long offset, long sizeBytes) {
    return new TarContent(
        offset, sizeBytes, sizeBytes == 0 ? List.of() : List.of(new Extent(0, sizeBytes)));
  }

  public long storedBytes() {
    long stored = 0;
    for (Extent extent : extents) {
      stored += extent.length();
    }
    return stored;
  }

  /** Whether the file has holes. */
  public boolean isSparse() {
    return storedBytes() != sizeBytes;
  }
}
