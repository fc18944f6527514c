package io.crij.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.server.config.crio.CrioKeys;
import io.crij.server.config.given.Applied;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;
import io.crij.server.config.given.NamedKey;
import io.crij.server.config.given.NamedTable;
import io.crij.server.config.given.TomlLayer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/configuration.md} says what the program does. */
final class ConfigurationPageTest {
  private static final Pattern TOML = Pattern.compile("```toml\n(.*?)```", Pattern.DOTALL);
  private static final Pattern ROW =
      Pattern.compile(
          "^\\| `(crij[^`]*)` \\| (?:`(\\w+)`)? ?\\| (?:`(--[^`]+)`)? ?\\| (yes)? ?\\|",
          Pattern.MULTILINE);

  @TempDir private Path folder;

  private String page;

  @BeforeEach
  void read() throws IOException {
    page = Files.readString(Path.of("../docs/configuration.md"));
  }

  @Test
  void itsFileHoldsTheDefaults() throws IOException {
    Path shown = Files.writeString(folder.resolve("shown.toml"), match(TOML).getFirst().group(1));
    Path empty = Files.createFile(folder.resolve("empty.toml"));

    ServerConfig described = load(shown);
    ServerConfig actual = load(empty);

    // Which runtimes there are, and where, is the node's business.
    assertThat(described)
        .usingRecursiveComparison()
        .ignoringFields("runtime.runtimes", "runtime.settings.handlers")
        .isEqualTo(actual);
  }

  @Test
  void itsFileHoldsEveryKey() throws IOException {
    Path shown = Files.writeString(folder.resolve("shown.toml"), match(TOML).getFirst().group(1));
    Given given = new Given();

    TomlLayer.read(shown, given);

    assertThat(Key.values()).allSatisfy(key -> assertThat(given.find(key)).isNotNull());
    assertThat(given.tables(NamedTable.RUNTIMES)).containsOnlyKeys("runc");
  }

  @Test
  void itsTableNamesEveryKeyVariableAndFlagAndWhatSighupChanges() {
    List<List<String>> expected = new ArrayList<>();
    for (Key key : Key.values()) {
      expected.add(Arrays.asList(key.path(), key.variable(), key.flag(), live(key.applied())));
    }
    for (NamedKey key : NamedKey.values()) {
      expected.add(Arrays.asList(key.path("NAME"), null, null, live(Applied.AT_HANGUP)));
    }

    List<List<String>> rows =
        match(ROW).stream()
            .map(row -> Arrays.asList(row.group(1), row.group(2), row.group(3), row.group(4)))
            .toList();

    assertThat(rows).containsExactlyInAnyOrderElementsOf(expected);
  }

  private static @Nullable String live(Applied applied) {
    return applied == Applied.AT_HANGUP ? "yes" : null;
  }

  private static ServerConfig load(Path file) {
    return ServerConfig.load(
        new CommandLine.Run(file, Map.of()), Map.of(), Path.of("/usr/lib/crij"));
  }

  private List<MatchResult> match(Pattern pattern) {
    return pattern.matcher(page).results().toList();
  }

  @Test
  void thePageForThoseWhoComeFromCrioSaysWhyAKeyIsNotHere() throws IOException {
    List<String> rows = Files.readAllLines(Path.of("../docs/migration.md"));

    CrioKeys.all()
        .forEach((path, reason) -> {
          int name = path.lastIndexOf('.') + 1;
          String table =
              path.substring("crij".length(), name - 1).replace("runtimes", "runtimes.NAME");
          assertThat(rows)
              .as(path)
              .anyMatch(row ->
                  row.startsWith("| `crio" + table + "` | ")
                      && row.contains("`" + path.substring(name) + "`")
                      && row.endsWith(" | " + reason + " |"));
        });
  }
}
