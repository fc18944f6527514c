package io.crij.image.registry.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import io.crij.image.RegistryConfig;
import io.crij.image.RegistryConfig.ProxySettings;
import io.crij.image.RegistryConfig.ShortNameMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** By the words of containers-registries.conf(5), "Short-Name Aliasing". */
class ShortNamesTest {
  private static final String DIGEST = "sha256:" + "a".repeat(64);
  private static final String ALIASES =
      """
      unqualified-search-registries = ["one.test"]
      [aliases]
      "alpine" = "docker.io/alpine"
      "team/app" = "quay.test/team/app"
      "gone" = "quay.test/gone"
      """;

  @TempDir Path folder;

  private List<String> candidates(String text) {
    return new ShortNames(new RegistriesFiles(RegistryConfig.below(folder)), null)
        .candidates(text).stream().map(Object::toString).toList();
  }

  private void conf(String toml) throws IOException {
    Files.writeString(folder.resolve("registries.conf"), toml);
  }

  @Test
  void withoutConfigurationAShortNameIsAtDockerHub() {
    assertThat(candidates("busybox")).containsExactly("docker.io/library/busybox:latest");
    assertThat(candidates("user/app:v1")).containsExactly("docker.io/user/app:v1");
  }

  @ParameterizedTest
  @CsvSource({
    "alpine, docker.io/library/alpine:latest",
    "alpine:3, docker.io/library/alpine:3",
    "team/app, quay.test/team/app:latest",
    "team/app/more, one.test/team/app/more:latest",
    "other, one.test/other:latest",
    "other:v1, one.test/other:v1",
    "full.test/alpine, full.test/alpine:latest",
    "localhost/alpine, localhost/alpine:latest",
    "docker.io/alpine, docker.io/library/alpine:latest",
  })
  void anAliasGoesBeforeTheSearch(String text, String reference) throws IOException {
    conf(ALIASES);
    assertThat(candidates(text)).containsExactly(reference);
  }

  @Test
  void tagAndDigestAreKept() throws IOException {
    conf(ALIASES);
    assertThat(candidates("alpine@" + DIGEST))
        .containsExactly("docker.io/library/alpine@" + DIGEST);
    assertThat(candidates("alpine:3@" + DIGEST))
        .containsExactly("docker.io/library/alpine:3@" + DIGEST);
  }

  @Test
  void dropInsOverrideAndEraseAliases() throws IOException {
    conf(ALIASES);
    Files.createDirectories(folder.resolve("registries.conf.d"));
    Files.writeString(
        folder.resolve("registries.conf.d/x.conf"),
        "[aliases]\nalpine = \"mine.test/alpine\"\ngone = \"\"\n");
    assertThat(candidates("alpine")).containsExactly("mine.test/alpine:latest");
    assertThat(candidates("gone")).containsExactly("one.test/gone:latest");
    assertThat(candidates("team/app")).containsExactly("quay.test/team/app:latest");
    Files.writeString(
        folder.resolve("short-name-aliases.conf"), "[aliases]\nalpine = \"recorded.test/a\"\n");
    assertThat(candidates("alpine")).containsExactly("recorded.test/a:latest");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "short-name-mode = ''", "short-name-mode = 'enforcing'"})
  void severalRegistriesAreAmbiguous(String mode) throws IOException {
    conf("unqualified-search-registries = [\"one.test\", \"two.test:5000\"]\n" + mode);
    assertThatThrownBy(() -> candidates("app"))
        .isInstanceOf(ImageException.InvalidArgument.class)
        .hasMessageStartingWith(
            "short name mode is enforcing, and \"app\" may be at any of one.test, two.test:5000 (");
    assertThat(candidates("full.test/app")).hasSize(1);
  }

  /** Permissive mode asks at a terminal, and there is none. */
  @ParameterizedTest
  @ValueSource(strings = {"permissive", "disabled"})
  void orAllAreTriedInOrder(String mode) throws IOException {
    conf(
        "unqualified-search-registries = [\"one.test\", \"docker.io\"]\nshort-name-mode = '%s'"
            .formatted(mode));
    assertThat(candidates("app:v1")).containsExactly("one.test/app:v1", "docker.io/library/app:v1");
  }

  @Test
  void theNodesModeGoesBeforeTheFiles() throws IOException {
    conf(
        "unqualified-search-registries = [\"a.test\", \"b.test\"]\nshort-name-mode = 'permissive'");
    RegistryConfig below = RegistryConfig.below(folder);
    RegistryConfig config =
        new RegistryConfig(
            below.hostsDirs(),
            below.registriesConf(),
            below.registriesConfDir(),
            below.shortNameAliases(),
            ShortNameMode.ENFORCING,
            below.credentials(),
            ProxySettings.NONE);
    ShortNames names = new ShortNames(new RegistriesFiles(config), config.shortNameMode());
    assertThatThrownBy(() -> names.candidates("app")).hasMessageContaining("enforcing");
  }

  @Test
  void withAnEmptySearchAShortNameStandsForNothing() throws IOException {
    conf("unqualified-search-registries = []");
    assertThatThrownBy(() -> candidates("app"))
        .isInstanceOf(ImageException.InvalidArgument.class)
        .hasMessageStartingWith("short name \"app\" has no alias, and ");
  }

  /** A mistake there stops no full name. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unqualified-search-registries = ['http://x']|1: unqualified-search-registries",
        "unqualified-search-registries = ['x/y']|1: unqualified-search-registries",
        "unqualified-search-registries = ['team']|1: unqualified-search-registries",
        "unqualified-search-registries = [5]|1: unqualified-search-registries",
        "unqualified-search-registries = ['a.b', 'c.d']\\nshort-name-mode = 'x'|2: short-name-mode",
        "aliases = 5|1: aliases",
        "[aliases]\\napp = 5|2: app",
        "[aliases]\\napp = 'no-registry/app'|2: app: the alias names no registry",
        "[aliases]\\napp = 'r.test/app:v1'|2: app: an alias must have neither",
        "[aliases]\\napp = 'r.test/UPPER'|2: app: malformed",
      })
  void namesFileLineAndKey(String toml, String place) throws IOException {
    conf(toml.replace("\\n", "\n"));
    assertThatThrownBy(() -> candidates("app"))
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageStartingWith(folder.resolve("registries.conf") + ":" + place);
    assertThat(candidates("r.test/app")).containsExactly("r.test/app:latest");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "UPPER", "a:b:c", "a@sha256:x", "../x"})
  void whatIsNoReferenceIsNoShortName(String text) {
    assertThatThrownBy(() -> candidates(text)).isInstanceOf(ImageException.InvalidArgument.class);
  }
}
