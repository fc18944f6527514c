package io.crij.monitor.log;

/** Finds where one text goes on in another. */
final class Overlap {
  private Overlap() {}

  /**
   * The length of the longest end of {@code text} that {@code next} begins with; by the algorithm
   * of Knuth, Morris and Pratt, in linear time also for texts of equal lines.
   */
  static int length(byte[] text, byte[] next) {
    int[] border = borders(next);
    int matched = 0;
    for (byte b : text) {
      if (matched == next.length && matched > 0) {
        matched = border[matched - 1];
      }
      while (matched > 0 && next[matched] != b) {
        matched = border[matched - 1];
      }
      if (matched < next.length && next[matched] == b) {
        matched++;
      }
    }
    return matched;
  }

  /** For each beginning of the text, how long its longest beginning is that also ends it. */
  private static int[] borders(byte[] text) {
    int[] border = new int[text.length];
    int matched = 0;
    for (int i = 1; i < text.length; i++) {
      while (matched > 0 && text[matched] != text[i]) {
        matched = border[matched - 1];
      }
      if (text[matched] == text[i]) {
        matched++;
      }
      border[i] = matched;
    }
    return border;
  }
}
