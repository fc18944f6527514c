package io.crij.e2e.survival;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What is in the log of a container that writes "line 1", "line 2" and so on to stdout, and at its
 * end "wrote 2" to stderr.
 */
public final class NumberedLines {
  /** What a pipe holds, and so the most that can be looked at as one chunk. */
  private static final int CHUNK_BYTES = 64 * 1024;

  private NumberedLines() {}

  /**
   * Expects all lines, in order.
   *
   * @param chunks how many chunks may be there twice, each at once after itself
   * @return how many are
   */
  public static int expect(Path log, int chunks) throws IOException {
    List<Integer> numbers = new ArrayList<>();
    int wrote = 0;
    for (String line : Files.readAllLines(log)) {
      // TIME STREAM TAG TEXT
      String[] words = line.split(" ", 4);
      assertThat(words[2]).as(line).isEqualTo("F");
      int number = Integer.parseInt(words[3].replaceFirst("^(line|wrote) ", ""));
      if (words[1].equals("stderr")) {
        wrote = number;
      } else {
        numbers.add(number);
      }
    }
    int doubled = 0;
    int next = 1;
    for (int i = 0; i < numbers.size(); i++) {
      int number = numbers.get(i);
      if (number < next) {
        doubled++;
        assertThat(bytes(number, next)).as("twice at line %d", i).isLessThanOrEqualTo(CHUNK_BYTES);
        assertThat(numbers.subList(i, Math.min(numbers.size(), i + next - number)))
            .as("the doubled chunk is whole")
            .isEqualTo(IntStream.range(number, next).boxed().toList());
        i += next - number - 1;
      } else {
        assertThat(number).as("at line %d", i).isEqualTo(next);
        next++;
      }
    }
    assertThat(next - 1).as("lines of " + log).isEqualTo(wrote);
    assertThat(doubled).as("doubled chunks").isLessThanOrEqualTo(chunks);
    return doubled;
  }

  private static long bytes(int from, int to) {
    long bytes = 0;
    for (int number = from; number < to; number++) {
      bytes += ("line " + number + "\n").length();
    }
    return bytes;
  }
}
