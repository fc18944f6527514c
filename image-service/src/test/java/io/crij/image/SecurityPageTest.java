package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The page of hostile cases names tests that there are, and all cases. */
class SecurityPageTest {
  private static final Path PAGE = Path.of("../docs/security.md");
  private static final Pattern CASE = Pattern.compile("^\\| ([\\d, ]+) \\|");

  private static final int LAST = 91;

  /**
   * Numbers that the list of cases never had, those of encryption and signatures, and of what is
   * not done: restoring checkpoints and linking logs.
   */
  private static final List<Integer> LEFT_OUT =
      List.of(10, 17, 18, 19, 22, 30, 32, 37, 39, 59, 61, 66, 67, 68, 70, 78, 82, 89);

  @Test
  void everyTestItNamesIsThere() throws IOException {
    String page = Files.readString(PAGE);
    assertThat(NamedTests.missing(page)).isEmpty();
    assertThat(NamedTests.in(page)).hasSizeGreaterThan(50);
  }

  /** Of pulling and unpacking; of running and of requests the page says what is still to come. */
  @Test
  void everyCaseWasSeenToCatchSomething() throws IOException {
    String page = Files.readString(PAGE);
    assertThat(
            page.substring(0, page.indexOf("\n## Running"))
                .lines()
                .filter(line -> CASE.matcher(line).find()))
        .allSatisfy(row -> assertThat(row).matches("\\|[^|]*\\|[^|]*\\|[^|]*\\| `.*` \\|"));
  }

  @Test
  void everyCaseHasItsRow() throws IOException {
    List<Integer> cases = new ArrayList<>();
    for (String line : Files.readAllLines(PAGE)) {
      Matcher row = CASE.matcher(line);
      if (row.find()) {
        for (String number : row.group(1).split(", ", -1)) {
          cases.add(Integer.parseInt(number));
        }
      }
    }
    assertThat(cases)
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, LAST).boxed().filter(n -> !LEFT_OUT.contains(n)).toList());
  }
}
