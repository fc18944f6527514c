package io.crij.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFileTest {
  @TempDir private Path folder;

  @Test
  void nothingIsLeftOfWhatCannotBeWritten() throws IOException {
    Path path = Files.createDirectory(folder.resolve("record"));

    assertThatThrownBy(() -> AtomicFile.write(path, "x".getBytes(US_ASCII), "rw-------", false))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(path.toString());

    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }
}
