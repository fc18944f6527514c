package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The pages of images and of pods say of each capability how it is had, and which tests hold it.
 */
class CapabilitiesPageTest {
  private static final Path SETTINGS = Path.of("../docs/configuration.md");
  private static final Path FIELDS = Path.of("../docs/cri.md");
  private static final String TITLE = "\n## Capabilities\n";

  /** A setting, or a field of the CRI: words with low lines. */
  private static final Pattern SETTING = Pattern.compile("`([a-z]+(?:_[a-z]+)+)`");

  private static List<String> rows(String name) throws IOException {
    String page = Files.readString(Path.of("../docs", name));
    return page.substring(page.indexOf(TITLE) + TITLE.length())
        .lines()
        .takeWhile(line -> !line.startsWith("## "))
        .filter(line -> line.startsWith("| ") && !line.startsWith("| capability"))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"images.md", "pods.md"})
  void everyCapabilityHasItsWayAndItsTests(String page) throws IOException {
    assertThat(rows(page))
        .hasSizeGreaterThan(35)
        .allSatisfy(row -> {
          assertThat(row.split("\\|", -1)).as("three columns").hasSize(5).doesNotContain(" ");
          assertThat(NamedTests.in(row)).isNotEmpty();
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"images.md", "pods.md"})
  void everyTestItNamesIsThere(String page) throws IOException {
    assertThat(NamedTests.missing(String.join("\n", rows(page)))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"images.md", "pods.md"})
  void everySettingAndFieldItNamesIsOne(String page) throws IOException {
    String known = Files.readString(SETTINGS) + Files.readString(FIELDS);
    for (String row : rows(page)) {
      assertThat(SETTING.matcher(row).results().map(MatchResult::group))
          .as(row)
          .allSatisfy(name -> assertThat(known).contains(name.substring(1, name.length() - 1)));
    }
  }
}
