package io.crij.linux.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class StartupPagesTest {
  @Test
  void lettingGoShrinksTheLibraryAndTheJvmGoesOn() throws IOException {
    long before = residentBytesOfLibrary();

    long released = StartupPages.release();

    assertThat(released).isBetween(1L, before);
    assertThat(residentBytesOfLibrary()).isLessThan(before);
    assertThat("%d".formatted(before).length()).isPositive();
  }

  @Test
  void onlyUnchangedReadOnlyPagesOfTheJvmAreLetGo() throws IOException {
    assertThat(mapping("r--p", "/opt/lib/crijd.aot", 0).isReleasable()).isTrue();
    assertThat(mapping("r-xp", "/opt/lib/libjvm.so", 0).isReleasable()).isTrue();
    assertThat(mapping("r--p", "/opt/lib/crijd.aot", 4).isReleasable()).isFalse();
    assertThat(mapping("rw-p", "/opt/lib/crijd.aot", 0).isReleasable()).isFalse();
    assertThat(mapping("r--s", "/opt/lib/crijd.aot", 0).isReleasable()).isFalse();
    assertThat(mapping("r--p", "/opt/lib/other.so", 0).isReleasable()).isFalse();
  }

  @Test
  void aMappingWithoutItsCountsIsLeftAlone() throws IOException {
    List<Mapping> mappings =
        read("7f0000000000-7f0000001000 r--p 00000000 fe:00 7  /x/crijd.aot\n");

    assertThat(mappings).singleElement().satisfies(m -> assertThat(m.isReleasable()).isFalse());
  }

  @Test
  void anonymousMappingsHaveNoPath() throws IOException {
    List<Mapping> mappings = read("7f0000000000-7f0000003000 rw-p 00000000 00:00 0 \nRss: 8 kB\n");

    assertThat(mappings)
        .containsExactly(new Mapping(0x7f0000000000L, 0x3000, "rw-p", "", 8192, Long.MAX_VALUE));
  }

  private static long residentBytesOfLibrary() throws IOException {
    try (BufferedReader smaps =
        Files.newBufferedReader(Path.of("/proc/self/smaps"), StandardCharsets.ISO_8859_1)) {
      return Mapping.read(smaps).stream()
          .filter(Mapping::isReleasable)
          .mapToLong(Mapping::residentBytes)
          .sum();
    }
  }

  private static Mapping mapping(String permissions, String path, int anonymousKibibytes)
      throws IOException {
    return read("""
    7f0000000000-7f0000001000 %s 00000000 fe:00 7      %s
    Size:                  4 kB
    Rss:                   4 kB
    Anonymous:             %d kB
    VmFlags: rd mr mw me
    """
            .formatted(permissions, path, anonymousKibibytes))
        .getFirst();
  }

  private static List<Mapping> read(String smaps) throws IOException {
    return Mapping.read(new BufferedReader(new StringReader(smaps)));
  }
}
