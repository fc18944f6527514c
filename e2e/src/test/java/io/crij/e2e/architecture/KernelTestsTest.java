package io.crij.e2e.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What touches the kernel proves that nothing of it stays. */
final class KernelTestsTest {
  @Test
  void everyKernelTestIsWatchedForTraces() throws IOException {
    List<Path> tests = new ArrayList<>();
    // Tests run in the module's folder.
    try (Stream<Path> modules = Files.list(Path.of("..").toAbsolutePath().normalize())) {
      for (Path module : modules.toList()) {
        addKernelTests(module.resolve("src/test/java"), tests);
      }
    }
    assertThat(tests)
        .isNotEmpty()
        .allSatisfy(test -> assertThat(Files.readString(test)).contains("LeavesNoTrace.class"));
  }

  private static void addKernelTests(Path folder, List<Path> tests) throws IOException {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        files.filter(file -> file.toString().endsWith("KernelTest.java")).forEach(tests::add);
      }
    }
  }
}
