package io.crij.image.registry.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import io.crij.image.RegistryConfig;
import io.crij.image.name.ImageReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** By the words of containers-registries.conf(5) and containers-registries.conf.d(5). */
class RegistriesConfTest {
  private static final String DIGEST = "sha256:" + "a".repeat(64);

  @TempDir Path folder;

  private RegistriesConf conf(String toml) throws IOException {
    Files.writeString(folder.resolve("registries.conf"), toml);
    return read();
  }

  private RegistriesConf read() {
    return new RegistriesFiles(RegistryConfig.below(folder)).read();
  }

  private void dropIn(String name, String toml) throws IOException {
    Files.createDirectories(folder.resolve("registries.conf.d"));
    Files.writeString(folder.resolve("registries.conf.d").resolve(name), toml);
  }

  private static List<String> locations(RegistriesConf conf, String image) {
    return conf.locations(ImageReference.parse(image)).stream()
        .map(location ->
            location.reference()
                + (location.insecure() ? " insecure" : "")
                + (location.primary() ? " primary" : ""))
        .toList();
  }

  @Test
  void withoutFilesEveryImageIsAtItsRegistry() {
    assertThat(locations(read(), "r.example/a")).containsExactly("r.example/a:latest primary");
    assertThat(read().credentialHelpers()).containsExactly("containers-auth.json");
  }

  /** The example of the manual page. */
  @Test
  void mirrorsAreAskedInOrderThenThePrimaryLocation() throws IOException {
    RegistriesConf conf =
        conf(
            """
            unqualified-search-registries = ["example.com"]

            [[registry]]
            prefix = "example.com/foo"
            insecure = false
            blocked = false
            location = "internal-registry-for-example.com/bar"

            [[registry.mirror]]
            location = "example-mirror-0.local/mirror-for-foo"

            [[registry.mirror]]
            location = "example-mirror-1.local/mirrors/foo"
            insecure = true

            [[registry]]
            location = "registry.com"

            [[registry.mirror]]
            location = "mirror.registry.com"
            """);
    assertThat(locations(conf, "example.com/foo/image:latest"))
        .containsExactly(
            "example-mirror-0.local/mirror-for-foo/image:latest",
            "example-mirror-1.local/mirrors/foo/image:latest insecure",
            "internal-registry-for-example.com/bar/image:latest primary");
    assertThat(locations(conf, "registry.com/image:latest"))
        .containsExactly("mirror.registry.com/image:latest", "registry.com/image:latest primary");
    assertThat(locations(conf, "example.com/other"))
        .containsExactly("example.com/other:latest primary");
  }

  /** Which of these prefixes takes an image; each has itself, in letters, as its location. */
  @ParameterizedTest
  @CsvSource({
    "example.com/a, l.test/host/a:latest",
    "example.com/foo, l.test/foo:latest",
    "example.com/foo/x, l.test/foo/x:latest",
    "example.com/foobar, l.test/host/foobar:latest",
    "example.com/foo/bar/baz:v1, l.test/bar/baz:v1",
    "example.com/one:v1, l.test/one:v1",
    "example.com/one:v2, l.test/host/one:v2",
    "example.com:5000/a, example.com:5000/a:latest",
    "example.org:5000/a, l.test/port/a:latest",
    "example.org:50000/a, example.org:50000/a:latest",
    "a.example.com/x, l.test/sub/x:latest",
    "b.a.example.com/x, l.test/sub/x:latest",
    "c.deep.example.com/x, l.test/deep/x:latest",
    "exact.example.com/x, l.test/exact/x:latest",
    "notexample.com/x, notexample.com/x:latest",
    "docker.io/library/busybox, l.test/library/busybox:latest",
    "busybox, l.test/library/busybox:latest",
    "docker.io/user/app, docker.io/user/app:latest",
  })
  void theLongestPrefixCounts(String image, String location) throws IOException {
    RegistriesConf conf =
        conf(
            """
            [[registry]]
            prefix = "example.com"
            location = "l.test/host"
            [[registry]]
            prefix = "example.com/foo/"
            location = "l.test/foo/"
            [[registry]]
            prefix = "example.com/foo/bar"
            location = "l.test/bar"
            [[registry]]
            prefix = "example.com/one:v1"
            location = "l.test/one:v1"
            [[registry]]
            prefix = "example.org:5000"
            location = "l.test/port"
            [[registry]]
            prefix = "*.example.com"
            location = "l.test/sub"
            [[registry]]
            prefix = "*.deep.example.com"
            location = "l.test/deep"
            [[registry]]
            prefix = "exact.example.com"
            location = "l.test/exact"
            [[registry]]
            prefix = "docker.io/library"
            location = "l.test/library"
            """);
    assertThat(locations(conf, image)).containsExactly(location + " primary");
  }

  @Test
  void aDigestIsAPrefixToo() throws IOException {
    RegistriesConf conf =
        conf(
            """
            [[registry]]
            prefix = "example.com/a@%1$s"
            location = "l.test/b@%1$s"
            """
                .formatted(DIGEST));
    assertThat(locations(conf, "example.com/a@" + DIGEST))
        .containsExactly("l.test/b@" + DIGEST + " primary");
    assertThat(locations(conf, "example.com/a")).containsExactly("example.com/a:latest primary");
  }

  @Test
  void aWildcardNeedsNoLocation() throws IOException {
    RegistriesConf conf =
        conf(
            """
            [[registry]]
            prefix = "*.example.com"
            insecure = true
            [[registry.mirror]]
            location = "m.test/all"
            """);
    assertThat(locations(conf, "blah.example.com/foo/myimage:v1"))
        .containsExactly(
            "m.test/all/foo/myimage:v1", "blah.example.com/foo/myimage:v1 insecure primary");
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', any, any",
    "'mirror-by-digest-only = true', '', '', any",
    "'', all, any, any",
    "'', digest-only, '', any",
    "'', tag-only, any, ''",
  })
  void mirrorsAreForDigestsOrTags(String ofRegistry, String ofMirror, String byTag, String byDigest)
      throws IOException {
    String use = ofMirror.isEmpty() ? "" : "pull-from-mirror = \"" + ofMirror + "\"";
    RegistriesConf conf =
        conf(
            """
            [[registry]]
            location = "r.test"
            %s
            [[registry.mirror]]
            location = "m.test"
            %s
            """
                .formatted(ofRegistry, use));
    assertThat(locations(conf, "r.test/a:v1"))
        .hasSize(byTag.isEmpty() ? 1 : 2)
        .last()
        .isEqualTo("r.test/a:v1 primary");
    assertThat(locations(conf, "r.test/a@" + DIGEST)).hasSize(byDigest.isEmpty() ? 1 : 2);
    assertThat(locations(conf, "r.test/a:v1@" + DIGEST)).hasSize(byDigest.isEmpty() ? 1 : 2);
  }

  @Test
  void pullingFromABlockedRegistryIsForbidden() throws IOException {
    RegistriesConf conf =
        conf(
            "[[registry]]\nprefix = \"*.evil.test\"\nblocked = true\n[[registry]]\nlocation = \"a.evil.test/good\"");
    assertThatThrownBy(() -> locations(conf, "a.evil.test/x"))
        .isInstanceOf(ImageException.PermissionDenied.class)
        .hasMessage(
            "registry *.evil.test is blocked in " + folder.resolve("registries.conf") + ":3");
    assertThat(locations(conf, "a.evil.test/good/x")).hasSize(1);
  }

  @Test
  void dropInsOverwriteInTheOrderOfTheirNames() throws IOException {
    dropIn(
        "20.conf",
        "unqualified-search-registries = [\"c.test\"]\n[[registry]]\nprefix = \"r.test\"\nlocation = \"second.test\"");
    dropIn(
        "10.conf",
        "credential-helpers = [\"pass\"]\n[[registry]]\nprefix = \"r.test\"\nlocation = \"first.test\"\n[[registry]]\nprefix = \"new.test\"\nlocation = \"n.test\"");
    dropIn("30.ignored", "nonsense");
    Files.createDirectories(folder.resolve("registries.conf.d/40.conf"));
    RegistriesConf conf =
        conf(
            """
            unqualified-search-registries = ["a.test"]
            [[registry]]
            prefix = "r.test"
            location = "main.test"
            [[registry]]
            prefix = "kept.test"
            location = "k.test"
            """);
    assertThat(locations(conf, "r.test/x")).containsExactly("second.test/x:latest primary");
    assertThat(locations(conf, "new.test/x")).containsExactly("n.test/x:latest primary");
    assertThat(locations(conf, "kept.test/x")).containsExactly("k.test/x:latest primary");
    assertThat(conf.searchRegistries()).containsExactly("c.test");
    assertThat(conf.credentialHelpers()).containsExactly("pass");
  }

  @Test
  void ofTheSamePrefixInAFileTheFirstCounts() throws IOException {
    RegistriesConf conf =
        conf(
            "[[registry]]\nprefix = \"r.test\"\nlocation = \"one.test\"\n[[registry]]\nprefix = \"r.test\"\nlocation = \"two.test\"");
    assertThat(locations(conf, "r.test/x")).containsExactly("one.test/x:latest primary");
  }

  @Test
  void aChangeAppliesAtTheNextReading() throws IOException {
    RegistriesFiles files = new RegistriesFiles(RegistryConfig.below(folder));
    assertThat(locations(files.read(), "r.test/x")).containsExactly("r.test/x:latest primary");
    assertThat(files.read()).isSameAs(files.read());
    dropIn("a.conf", "[[registry]]\nprefix = \"r.test\"\nlocation = \"s.test\"");
    assertThat(locations(files.read(), "r.test/x")).containsExactly("s.test/x:latest primary");
    Files.delete(folder.resolve("registries.conf.d/a.conf"));
    assertThat(locations(files.read(), "r.test/x")).containsExactly("r.test/x:latest primary");
  }

  /** What makes the whole file unclear. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a = |1",
        "[registries.search]\\nregistries = ['r.test']|1: registries: version 1",
        "\\nregistry = 5|2: registry",
        "[[registry]]|1: prefix: neither",
        "[[registry]]\\nprefix = 5|2: prefix",
        "[[registry]]\\nprefix = 'https://r.test'|2: prefix: a location is not a URL",
        "[[registry]]\\nlocation = 'http://r.test'|2: location: a location is not a URL",
        "[[registry]]\\nprefix = 'r.*.test'|2: prefix",
        "[[registry]]\\nprefix = '*.r.test/x'|2: prefix: a wildcard",
        "[[registry]]\\nprefix = '*.r.test:5000'|2: prefix: a wildcard",
      })
  void aFileThatCannotBeUnderstoodStopsAllPulls(String toml, String place) {
    assertThatThrownBy(() -> conf(toml.replace("\\n", "\n")))
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageStartingWith(folder.resolve("registries.conf") + ":" + place);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[[registry]]\\nprefix = 'bad.test'|1: location: missing",
        "[[registry]]\\nlocation = 'bad.test'\\ninsecure = 'yes'|3: insecure",
        "[[registry]]\\nlocation = 'bad.test'\\nblocked = 1|3: blocked",
        "[[registry]]\\nlocation = 'bad.test'\\npull-from-mirror = 'all'|3: pull-from-mirror",
        "[[registry]]\\nprefix = 'bad.test'\\nlocation = 'short/name'|3: location: does not begin",
        "[[registry]]\\nprefix = 'bad.test'\\nlocation = 'r.test/UPPER'|3: location",
        "[[registry]]\\nprefix = 'bad.test/x:latest'\\nlocation = 'r.test/x'|3: location: has neither",
        "[[registry]]\\nlocation = 'bad.test'\\n[[registry.mirror]]|3: location: missing",
        "[[registry]]\\nlocation = 'bad.test'\\n[[registry.mirror]]\\nlocation = 'm.test'\\npull-from-mirror = 'never'|5: pull-from-mirror",
        "[[registry]]\\nlocation = 'bad.test'\\nmirror-by-digest-only = true\\n[[registry.mirror]]\\nlocation = 'm.test'\\npull-from-mirror = 'all'|6: pull-from-mirror: not allowed",
        "[[registry]]\\nprefix = 'o.test'\\nlocation = 'l.test'\\n[[registry]]\\nprefix = 'bad.test'\\nlocation = 'l.test'\\ninsecure = true|7: insecure: another",
      })
  void aMistakeInATableStopsOnlyWhatItIsFor(String toml, String place) throws IOException {
    RegistriesConf conf = conf(toml.replace("\\n", "\n"));
    assertThatThrownBy(() -> locations(conf, "bad.test/x"))
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageStartingWith(folder.resolve("registries.conf") + ":" + place);
    assertThat(locations(conf, "good.test/x")).containsExactly("good.test/x:latest primary");
    assertThat(conf.searchRegistries()).containsExactly("docker.io");
  }

  @Test
  void unknownKeysAreIgnored() throws IOException {
    RegistriesConf conf =
        conf("new = 1\n[[registry]]\nlocation = \"r.test\"\nnewer = 2\n[other]\nx = 1");
    assertThat(locations(conf, "r.test/x")).hasSize(1);
  }
}
