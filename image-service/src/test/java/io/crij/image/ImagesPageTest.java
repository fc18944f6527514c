package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page of images says of each capability how it is had, and which tests hold it. */
class ImagesPageTest {
  private static final Path PAGE = Path.of("../docs/images.md");
  private static final Path SETTINGS = Path.of("../docs/configuration.md");
  private static final String TITLE = "\n## Capabilities\n";

  /** A setting of {@code [crij.image]}: words with low lines. */
  private static final Pattern SETTING = Pattern.compile("`([a-z]+(?:_[a-z]+)+)`");

  private static List<String> rows() throws IOException {
    String page = Files.readString(PAGE);
    return page.substring(page.indexOf(TITLE) + TITLE.length())
        .lines()
        .takeWhile(line -> !line.startsWith("## "))
        .filter(line -> line.startsWith("| ") && !line.startsWith("| capability"))
        .toList();
  }

  @Test
  void everyCapabilityHasItsWayAndItsTests() throws IOException {
    assertThat(rows())
        .hasSizeGreaterThan(35)
        .allSatisfy(row -> {
          assertThat(row.split("\\|", -1)).as("three columns").hasSize(5).doesNotContain(" ");
          assertThat(NamedTests.in(row)).isNotEmpty();
        });
  }

  @Test
  void everyTestItNamesIsThere() throws IOException {
    assertThat(NamedTests.missing(String.join("\n", rows()))).isEmpty();
  }

  @Test
  void everySettingItNamesIsOne() throws IOException {
    String settings = Files.readString(SETTINGS);
    for (String row : rows()) {
      assertThat(SETTING.matcher(row).results().map(MatchResult::group))
          .as(row)
          .allSatisfy(
              setting -> assertThat(settings).contains(setting.substring(1, setting.length() - 1)));
    }
  }
}
