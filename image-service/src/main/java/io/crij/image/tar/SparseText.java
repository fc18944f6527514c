package io.crij.image.tar;

import java.util.ArrayList;
import java.util.List;

/**
 * Decimal numbers, each ended by a newline, that stand before the content of a sparse file of form
 * 1.0: how many parts there are, then position and length of each. Padded to whole blocks.
 */
final class SparseText {
  private static final int MOST_BLOCKS = 2048;
  private static final long LARGEST = Long.MAX_VALUE / 10 - 1;

  private final List<Long> numbers = new ArrayList<>();
  private long number;
  private int digits;
  private int blocks;

  /** Takes one more block; true when it holds the end. */
  boolean add(byte[] block) {
    if (++blocks > MOST_BLOCKS) {
      throw SparseMap.malformed("a map of more than " + MOST_BLOCKS + " blocks");
    }
    for (byte b : block) {
      if (b >= '0' && b <= '9' && number <= LARGEST) {
        number = number * 10 + b - '0';
        digits++;
      } else if (b == '\n' && digits > 0) {
        numbers.add(number);
        number = 0;
        digits = 0;
        if (isComplete()) {
          return true;
        }
      } else {
        throw SparseMap.malformed("a map that is no list of numbers");
      }
    }
    return false;
  }

  private boolean isComplete() {
    return (numbers.size() - 1) / 2 == numbers.getFirst() && numbers.size() % 2 == 1;
  }

  void addTo(SparseMap map) {
    map.addAll(numbers, 1);
  }
}
