package io.crij.image.tar;

import io.crij.image.ImageException;
import io.crij.image.tar.TarContent.Extent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which parts of a sparse file are stored, in the four ways that GNU tar has written it (GNU tar
 * manual, "Storing Sparse Files"): in the header itself, as PAX records (0.0), as one PAX record
 * (0.1), and before the content (1.0).
 */
final class SparseMap {
  /** Of one file; a map of more says less about a file than about the archive. */
  private static final int MOST_EXTENTS = 1 << 16;

  /** Beyond the largest file of ext4 with blocks of 4 KiB. */
  private static final long MOST_BYTES = 1L << 44;

  private static final int OLD_ENTRIES = 386;
  private static final int OLD_ENTRY_COUNT = 4;
  private static final int OLD_CONTINUED = 482;
  private static final int OLD_SIZE = 483;
  private static final int NUMBER_LENGTH = 12;
  private static final int CONTINUATION_ENTRY_COUNT = 21;
  private static final int CONTINUATION_CONTINUED = 504;

  private final long sizeBytes;
  private final List<Extent> extents = new ArrayList<>();
  private long end;
  private long stored;

  SparseMap(long sizeBytes) {
    if (sizeBytes < 0 || sizeBytes > MOST_BYTES) {
      throw malformed("a size of " + sizeBytes + " bytes");
    }
    this.sizeBytes = sizeBytes;
  }

  /** The map as far as it stands in the header block of the oldest form. */
  static SparseMap ofHeader(byte[] block) {
    SparseMap map = new SparseMap(TarNumber.parse(block, OLD_SIZE, NUMBER_LENGTH));
    map.addBlock(block, OLD_ENTRIES, OLD_ENTRY_COUNT);
    return map;
  }

  static boolean headerContinues(byte[] block) {
    return block[OLD_CONTINUED] != 0;
  }

  static boolean continuationContinues(byte[] block) {
    return block[CONTINUATION_CONTINUED] != 0;
  }

  /** A block between header and content. */
  void addContinuation(byte[] block) {
    addBlock(block, 0, CONTINUATION_ENTRY_COUNT);
  }

  private void addBlock(byte[] block, int offset, int count) {
    for (int i = 0; i < count; i++) {
      int at = offset + i * 2 * NUMBER_LENGTH;
      long length = TarNumber.parse(block, at + NUMBER_LENGTH, NUMBER_LENGTH);
      if (length == 0) {
        return;
      }
      add(TarNumber.parse(block, at, NUMBER_LENGTH), length);
    }
  }

  /** The map of PAX records, null when they have none. */
  static @Nullable SparseMap ofRecords(PaxRecords pax) {
    List<Long> numbers = pax.sparseNumbers();
    if (numbers.isEmpty() && pax.bytes("GNU.sparse.size") == null) {
      return null;
    }
    SparseMap map = new SparseMap(pax.number("GNU.sparse.size", -1));
    map.addAll(numbers, 0);
    return map;
  }

  /**
   * Adds positions and lengths in turn.
   *
   * @param first index of the first position
   */
  void addAll(List<Long> numbers, int first) {
    if ((numbers.size() - first) % 2 != 0) {
      throw malformed("an odd count of numbers");
    }
    for (int i = first; i < numbers.size(); i += 2) {
      add(numbers.get(i), numbers.get(i + 1));
    }
  }

  private void add(long position, long length) {
    boolean ordered = position >= end && length >= 0 && length <= sizeBytes - position;
    if (!ordered || extents.size() == MOST_EXTENTS) {
      throw malformed("a part of %d bytes at %d".formatted(length, position));
    }
    if (length > 0) {
      extents.add(new Extent(position, length));
      end = position + length;
      stored += length;
    }
  }

  /** The content, when {@code storedBytes} of it follow at {@code offset}. */
  TarContent at(long offset, long storedBytes) {
    if (stored != storedBytes) {
      throw malformed("%d bytes stored, %d expected".formatted(storedBytes, stored));
    }
    return new TarContent(offset, sizeBytes, extents);
  }

  static ImageException malformed(String what) {
    return new ImageException.FailedPrecondition("archive holds a malformed sparse file: " + what);
  }
}
