package io.crij.image.manifest;

import static io.crij.image.manifest.Documents.DIGEST;
import static io.crij.image.manifest.Documents.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import io.crij.image.name.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestDocumentTest {
  private static final String MANIFEST = Documents.manifest();
  private static final String INDEX = Documents.index();

  private static ManifestDocument parse(String text, @Nullable String mediaType) {
    return ManifestDocument.parse(bytes(text), mediaType);
  }

  private static void assertRefused(String text, @Nullable String mediaType) {
    assertThatThrownBy(() -> parse(text, mediaType))
        .as(text.length() > 200 ? text.substring(0, 200) : text)
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageStartingWith("malformed manifest: ");
  }

  @Test
  void readsAManifest() {
    Manifest manifest = (Manifest) parse(MANIFEST, MediaType.OCI_MANIFEST);
    assertThat(manifest.isImage()).isTrue();
    assertThat(manifest.config())
        .isEqualTo(new Descriptor(MediaType.OCI_CONFIG, Digest.parse(DIGEST), 7));
    assertThat(manifest.layers())
        .extracting(Descriptor::mediaType)
        .containsExactly(MediaType.OCI_LAYER_GZIP, MediaType.OCI_LAYER);
    assertThat(manifest.layers().get(1).annotations())
        .containsEntry("a", "b")
        .containsEntry("n", "");
    assertThat(manifest.annotations()).containsEntry("org.opencontainers.image.title", "t");
  }

  @Test
  void readsDockersKinds() {
    String manifest =
        MANIFEST
            .replace(MediaType.OCI_MANIFEST, MediaType.DOCKER_MANIFEST)
            .replace(MediaType.OCI_CONFIG, MediaType.DOCKER_CONFIG);
    assertThat(parse(manifest, MediaType.DOCKER_MANIFEST))
        .isInstanceOfSatisfying(Manifest.class, m -> assertThat(m.isImage()).isTrue());
    String list = INDEX.replace(MediaType.OCI_INDEX, MediaType.DOCKER_MANIFEST_LIST);
    assertThat(parse(list, MediaType.DOCKER_MANIFEST_LIST)).isInstanceOf(Index.class);
  }

  @Test
  void anArtifactIsAManifestButNoImage() {
    String artifact = MANIFEST.replace(MediaType.OCI_CONFIG, "application/vnd.oci.empty.v1+json");
    assertThat(parse(artifact, MediaType.OCI_MANIFEST))
        .isInstanceOfSatisfying(Manifest.class, m -> assertThat(m.isImage()).isFalse());
  }

  @Test
  void theDocumentsOwnTypeOrTheTransportsIsEnough() {
    assertThat(parse(MANIFEST, null)).isInstanceOf(Manifest.class);
    String silent = MANIFEST.replace("\"mediaType\":\"" + MediaType.OCI_MANIFEST + "\",", "");
    assertThat(parse(silent, MediaType.OCI_MANIFEST)).isInstanceOf(Manifest.class);
    assertRefused(silent, null);
  }

  /** CVE-2021-41190: one digest, two meanings. */
  static Stream<Arguments> hybrids() {
    String entries = "\"manifests\":[],";
    String layers = "\"layers\":[],";
    Stream<String> documents =
        Stream.of(
            MANIFEST.replaceFirst("\\{", "{" + entries),
            MANIFEST.replaceFirst("\\{", "{\"manifests\":null,"),
            INDEX.replaceFirst("\\{", "{" + layers),
            INDEX.replaceFirst("\\{", "{\"config\":{},"),
            "{\"schemaVersion\":2," + layers + "\"manifests\":[],\"config\":{}}",
            MANIFEST.replace(MediaType.OCI_MANIFEST, MediaType.OCI_INDEX));
    return documents.flatMap(document ->
        Stream.of(
                MediaType.OCI_MANIFEST,
                MediaType.OCI_INDEX,
                MediaType.DOCKER_MANIFEST,
                MediaType.DOCKER_MANIFEST_LIST)
            .map(type -> Arguments.of(document, type)));
  }

  @ParameterizedTest
  @MethodSource("hybrids")
  void refusesHybrids(String document, String mediaType) {
    assertRefused(document, mediaType);
  }

  @ParameterizedTest
  @CsvSource({
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
    "application/json",
    "text/html",
  })
  void refusesAnotherTypeThanItsOwn(String mediaType) {
    assertRefused(MANIFEST, mediaType);
  }

  static Stream<Arguments> edits() {
    return Stream.of(
        Arguments.of("\"schemaVersion\":2", "\"schemaVersion\":1"),
        Arguments.of("\"schemaVersion\":2", "\"schemaVersion\":\"2\""),
        Arguments.of("\"schemaVersion\":2", "\"schemaVersion\":2.0"),
        Arguments.of("\"schemaVersion\":2", "\"schemaVersion\":null"),
        Arguments.of("\"schemaVersion\":2", "\"schemaVersion\":2,\"schemaVersion\":2"),
        Arguments.of("\"size\":7", "\"size\":-1"),
        Arguments.of("\"size\":7", "\"size\":1e3"),
        Arguments.of("\"size\":7", "\"size\":9223372036854775808"),
        Arguments.of("\"size\":7", "\"size\":\"7\""),
        Arguments.of("\"size\":7", "\"size\":NaN"),
        Arguments.of("\"size\":7", "\"x\":7"),
        Arguments.of("\"layers\":[", "\"layers\":[null,"),
        Arguments.of("\"layers\":[", "\"layers\":[[],"),
        Arguments.of("\"layers\":[", "\"layers\":[{},"),
        Arguments.of("\"layers\":[", "\"layers\":[7,"),
        Arguments.of("\"layers\":[", "\"x\":["),
        Arguments.of("\"config\":{", "\"config\":null,\"x\":{"),
        Arguments.of("\"config\":{", "\"config\":[],\"x\":{"),
        Arguments.of("\"config\":{", "\"config\":\"x\",\"x\":{"),
        Arguments.of("\"config\":{", "\"x\":{"),
        Arguments.of("config.v1+json\"", "config.v1+json\\u0000\""),
        Arguments.of("config.v1+json\"", "config.v1+json/../x\""),
        Arguments.of("\"annotations\":{\"org", "\"annotations\":[],\"x\":{\"org"),
        Arguments.of("\"a\":\"b\"", "\"a\":7"),
        Arguments.of("\"a\":\"b\"", "\"a\":\"b\",\"a\":\"c\""));
  }

  @ParameterizedTest
  @MethodSource("edits")
  void refusesMalformedFields(String original, String edited) {
    assertThat(MANIFEST).contains(original);
    assertRefused(MANIFEST.replace(original, edited), MediaType.OCI_MANIFEST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sha256:",
        "sha256:../../../../etc/x",
        "sha256:..%2f..%2f",
        "sha512:0123",
        "md5:0123456789abcdef0123456789abcdef",
        "SHA256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
        "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
        "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeff",
      })
  void refusesMalformedDigestsWhereverTheyStand(String digest) {
    String field = "\"digest\":\"" + DIGEST + "\"";
    String hostile = "\"digest\":\"" + digest + "\"";
    assertRefused(MANIFEST.replaceFirst(field, hostile), MediaType.OCI_MANIFEST);
    int last = MANIFEST.lastIndexOf(field);
    assertRefused(
        MANIFEST.substring(0, last) + hostile + MANIFEST.substring(last + field.length()),
        MediaType.OCI_MANIFEST);
    assertRefused(INDEX.replace(field, hostile), MediaType.OCI_INDEX);
  }

  @Test
  void refusesWhatIsNotPlainJson() {
    for (String text :
        new String[] {
          "",
          " ",
          "null",
          "[]",
          "7",
          "\"x\"",
          "{",
          "{}",
          "{}{}",
          MANIFEST + "x",
          "\ufeff" + MANIFEST,
          "// c\n" + MANIFEST,
          MANIFEST.replace("\"config\"", "config"),
          MANIFEST.replace('"', '\''),
          "[".repeat(10_000) + "]".repeat(10_000),
          "{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000),
          MANIFEST.replaceFirst("\\{", "{\"x\":" + "[".repeat(100) + "]".repeat(100) + ","),
          MANIFEST.replaceFirst("\\{", "{\"x\":" + "9".repeat(1000) + ","),
        }) {
      assertRefused(text, MediaType.OCI_MANIFEST);
    }
  }

  @Test
  void refusesOtherEncodings() {
    for (byte[] bytes :
        new byte[][] {
          MANIFEST.getBytes(StandardCharsets.UTF_16LE),
          MANIFEST.getBytes(StandardCharsets.UTF_16BE),
          MANIFEST.getBytes(StandardCharsets.UTF_16),
          MANIFEST.replace("\"a\"", "\"\u00e4\"").getBytes(StandardCharsets.ISO_8859_1),
        }) {
      assertThatThrownBy(() -> ManifestDocument.parse(bytes, MediaType.OCI_MANIFEST))
          .isInstanceOf(ImageException.FailedPrecondition.class);
    }
  }

  @Test
  void boundsSizeAndNumbers() {
    String descriptor = "{\"mediaType\":\"a/b\",\"digest\":\"%s\",\"size\":1}".formatted(DIGEST);
    assertRefused(
        MANIFEST.replace("\"layers\":[", "\"layers\":[" + (descriptor + ",").repeat(500)),
        MediaType.OCI_MANIFEST);
    assertRefused(
        MANIFEST.replaceFirst("\\{", "{\"x\":[" + "1,".repeat(500_000) + "1],"),
        MediaType.OCI_MANIFEST);
    assertRefused(MANIFEST + " ".repeat(5 << 20), MediaType.OCI_MANIFEST);
  }

  /** Whatever a registry serves, the answer is a document or an ImageException, and soon. */
  @Test
  void survivesMutations() {
    Random random = new Random(41190);
    byte[][] seeds = {bytes(MANIFEST), bytes(INDEX)};
    for (int round = 0; round < 20_000; round++) {
      byte[] mutant = seeds[round % 2].clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
      }
      try {
        ManifestDocument.parse(
            mutant, round % 2 == 0 ? MediaType.OCI_MANIFEST : MediaType.OCI_INDEX);
      } catch (ImageException.FailedPrecondition e) {
        assertThat(e).hasMessageStartingWith("malformed manifest: ");
      }
    }
  }

  @Test
  void schema1IsRefusedByName() {
    byte[] bytes =
        "{\"schemaVersion\":1,\"name\":\"a\",\"fsLayers\":[],\"signatures\":[]}"
            .getBytes(StandardCharsets.UTF_8);
    String type = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    assertThatThrownBy(() -> ManifestDocument.parse(bytes, type))
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageContaining("Docker schema 1 is not supported");
  }
}
