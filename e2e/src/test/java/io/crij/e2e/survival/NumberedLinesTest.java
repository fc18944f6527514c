package io.crij.e2e.survival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The judge of the logs sees what it has to see. */
final class NumberedLinesTest {
  private static final String TIME = "2026-01-01T00:00:00.000000000Z ";

  @TempDir Path folder;

  @Test
  void linesOnceAndInOrder() throws Exception {
    assertThat(NumberedLines.expect(log(3, 1, 2, 3), 0)).isZero();
  }

  @Test
  void aChunkTwiceOnlyWhereItMayBe() throws Exception {
    assertThat(NumberedLines.expect(log(4, 1, 2, 3, 2, 3, 4), 1)).isEqualTo(1);
    assertRefused(4, 0, 1, 2, 3, 2, 3, 4);
    assertRefused(4, 1, 1, 2, 1, 2, 3, 3, 4);
  }

  @Test
  void linesThatAreMissingOrMixed() {
    assertRefused(3, 1, 1, 3);
    assertRefused(3, 1, 1, 2);
    assertRefused(3, 1, 1, 3, 2);
    assertRefused(4, 1, 1, 2, 3, 2, 4);
  }

  private void assertRefused(int count, int chunks, int... numbers) {
    assertThatThrownBy(() -> NumberedLines.expect(log(count, numbers), chunks))
        .isInstanceOf(AssertionError.class);
  }

  private Path log(int count, int... numbers) throws IOException {
    String text =
        Arrays.stream(numbers)
            .mapToObj(n -> TIME + "stdout F line " + n + "\n")
            .collect(Collectors.joining("", "", TIME + "stderr F wrote " + count + "\n"));
    return Files.writeString(folder.resolve("log"), text);
  }
}
