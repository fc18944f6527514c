package io.crij.e2e.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checkstyle limits files and methods; this limits packages, and says where the middle lies. */
final class SizesTest {
  private static final int MOST_FILES = 15;

  @Test
  void packagesAreSmall() throws IOException {
    TreeMap<String, Integer> large = new TreeMap<>();
    for (Path source : sources()) {
      large.merge(source.resolve("..").normalize().toString(), 1, Integer::sum);
    }
    large.values().removeIf(files -> files <= MOST_FILES);
    assertThat(large).describedAs("packages of more than %d files", MOST_FILES).isEmpty();
  }

  @Test
  void everyPackageSaysWhatItIsFor() throws IOException {
    assertThat(sources())
        .extracting(source -> source.resolveSibling("package-info.java"))
        .allSatisfy(
            info -> assertThat(Files.readString(info)).contains("/**").contains("@NullMarked"));
  }

  @Test
  void reportsTheMiddle() throws IOException {
    List<Long> lines = new ArrayList<>();
    for (Path source : sources()) {
      try (Stream<String> text = Files.lines(source)) {
        lines.add(text.count());
      }
    }
    lines.sort(null);
    System.out.printf(
        "files: %d, median %d lines, 90th percentile %d%n",
        lines.size(), lines.get(lines.size() / 2), lines.get(lines.size() * 9 / 10));
    assertThat(lines).isNotEmpty();
  }

  private static List<Path> sources() throws IOException {
    List<Path> found = new ArrayList<>();
    for (Module module : Module.values()) {
      // Protocol files have no packages of ours.
      if (module != Module.PROTO) {
        try (Stream<Path> files = Files.walk(module.sources())) {
          files
              .filter(file -> file.toString().endsWith(".java"))
              .filter(file -> !file.endsWith("package-info.java"))
              .forEach(found::add);
        }
      }
    }
    return found;
  }
}
