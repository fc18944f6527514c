package io.crij.image.registry;

import static io.crij.image.registry.Pulls.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.Index;
import io.crij.image.manifest.Manifest;
import io.crij.image.manifest.MediaType;
import io.crij.image.manifest.Platform;
import io.crij.image.name.Digest;
import io.crij.image.registry.fake.FakeRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteImageTest {
  private static final String HEX = "0".repeat(64);
  private static final String EMPTY_MANIFEST =
      """
      {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
       "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":2},
       "layers":[]}\
      """
          .formatted(HEX);

  private final FakeRegistry registry = FakeRegistry.plain();
  @TempDir Path folder;

  @AfterEach
  void stop() {
    registry.close();
  }

  private Pulls node() {
    return new Pulls(folder, registry).plain();
  }

  private static String manifestPath(Object name) {
    return "/v2/" + REPOSITORY + "/manifests/" + name;
  }

  @Test
  void fetchesAnImageOfAnIndex() throws IOException {
    byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
    byte[] layer = new byte[3_000_000];
    new Random(1).nextBytes(layer);
    Descriptor layerBlob = registry.blob(REPOSITORY, layer);
    Descriptor configBlob = registry.blob(REPOSITORY, config);
    String text =
        """
        {"schemaVersion":2,"config":{"mediaType":"%s","digest":"%s","size":2},
         "layers":[{"mediaType":"%s","digest":"%s","size":%d}]}\
        """
            .formatted(
                MediaType.OCI_CONFIG,
                configBlob.digest(),
                MediaType.OCI_LAYER,
                layerBlob.digest(),
                layer.length);
    Descriptor manifest = registry.manifest(REPOSITORY, null, MediaType.OCI_MANIFEST, text);
    registry.manifest(REPOSITORY, "v1", MediaType.OCI_INDEX, indexOf(manifest));

    try (ImageSource source = node().open(":v1")) {
      FetchedManifest top = source.resolve();
      assertThat(top.digest().matches(top.bytes())).isTrue();
      assertThat(top.mediaType()).isEqualTo(MediaType.OCI_INDEX);
      Descriptor chosen = ((Index) top.document()).select(Platform.host());
      assertThat(chosen).isNotNull();
      FetchedManifest one = source.manifest(java.util.Objects.requireNonNull(chosen));
      Manifest image = (Manifest) one.document();
      assertThat(source.content(image.config())).isEqualTo(config);
      try (InputStream blob = source.blob(image.layers().getFirst())) {
        assertThat(blob.readAllBytes()).isEqualTo(layer);
      }
    }
  }

  private static String indexOf(Descriptor manifest) {
    return """
    {"schemaVersion":2,"manifests":[{"mediaType":"%s","digest":"%s","size":%d,
     "platform":{"os":"%s","architecture":"%s"}}]}\
    """
        .formatted(
            manifest.mediaType(),
            manifest.digest(),
            manifest.size(),
            Platform.host().os(),
            Platform.host().architecture());
  }

  @Test
  void aDigestIsPinnedAndATagBesideItIsNotAsked() {
    Descriptor manifest =
        registry.manifest(REPOSITORY, null, MediaType.OCI_MANIFEST, EMPTY_MANIFEST);
    try (ImageSource source = node().open(":gone@" + manifest.digest())) {
      assertThat(source.resolve().digest()).isEqualTo(manifest.digest());
    }
    assertThat(registry.seen()).hasSize(1);
  }

  /**
   * A tag that moves between two requests (fault F-42) cannot mix two images: there is one request.
   */
  @Test
  void aTagIsResolvedByOneRequest() {
    AtomicInteger turn = new AtomicInteger();
    registry.on(
        manifestPath("v1"),
        exchange ->
            FakeRegistry.bytes(
                    MediaType.OCI_MANIFEST,
                    (EMPTY_MANIFEST + " ".repeat(turn.incrementAndGet()))
                        .getBytes(StandardCharsets.UTF_8))
                .handle(exchange));
    try (ImageSource source = node().open(":v1")) {
      FetchedManifest manifest = source.resolve();
      assertThat(manifest.digest()).isEqualTo(Digest.sha256(manifest.bytes()));
    }
    assertThat(registry.seen()).hasSize(1);
  }

  private void assertResolveRefused(String suffix, String... words) {
    try (ImageSource source = node().open(suffix)) {
      assertThatThrownBy(source::resolve)
          .isInstanceOf(ImageException.FailedPrecondition.class)
          .hasMessageContainingAll(words)
          .hasMessageContaining(registry.url());
    }
  }

  @Test
  void refusesAManifestOfAnotherDigest() {
    registry.on(
        manifestPath("sha256:" + HEX),
        FakeRegistry.bytes(
            MediaType.OCI_MANIFEST, EMPTY_MANIFEST.getBytes(StandardCharsets.UTF_8)));
    assertResolveRefused("@sha256:" + HEX, "another digest than sha256:" + HEX);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sha256:0000", "", "sha256:../../x", "sha512:" + "0", "x"})
  void refusesAMalformedDigestHeader(String header) {
    serveWithHeader("Docker-Content-Digest", header);
    assertResolveRefused(":v1", "malformed Docker-Content-Digest");
  }

  @Test
  void refusesADigestHeaderThatContradictsTheBytes() {
    serveWithHeader("Docker-Content-Digest", "sha256:" + HEX);
    assertResolveRefused(":v1", "another digest than its header");
  }

  @Test
  void refusesAnEncodingNobodyAskedFor() {
    serveWithHeader("Content-Encoding", "gzip");
    assertResolveRefused(":v1", "encoding");
  }

  private void serveWithHeader(String name, String value) {
    registry.on(
        manifestPath("v1"),
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", MediaType.OCI_MANIFEST);
          exchange.getResponseHeaders().set(name, value);
          byte[] bytes = EMPTY_MANIFEST.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
        });
  }

  /** CVE-2021-41190, over the wire. */
  @ParameterizedTest
  @CsvSource({
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.v1+json",
    "text/html",
    "application/json",
  })
  void refusesAContentTypeThatContradictsTheDocument(String contentType) {
    registry.manifest(REPOSITORY, "v1", contentType, EMPTY_MANIFEST);
    assertResolveRefused(":v1", "malformed manifest: mediaType");
  }

  @Test
  void refusesTwoContentTypes() {
    registry.on(
        manifestPath("v1"),
        exchange -> {
          exchange.getResponseHeaders().add("Content-Type", MediaType.OCI_MANIFEST);
          exchange.getResponseHeaders().add("Content-Type", MediaType.OCI_INDEX);
          exchange.sendResponseHeaders(200, -1);
        });
    assertResolveRefused(":v1", "more than one header content-type");
  }

  @Test
  void parametersOfAContentTypeDoNotMatter() {
    registry.on(
        manifestPath("v1"),
        FakeRegistry.bytes(
            MediaType.OCI_MANIFEST + "; charset=utf-8",
            EMPTY_MANIFEST.getBytes(StandardCharsets.UTF_8)));
    try (ImageSource source = node().open(":v1")) {
      assertThat(source.resolve().mediaType()).isEqualTo(MediaType.OCI_MANIFEST);
    }
  }

  @Test
  void refusesAManifestThatIsNotWhatItsDescriptorSays() {
    Descriptor real = registry.manifest(REPOSITORY, null, MediaType.OCI_MANIFEST, EMPTY_MANIFEST);
    try (ImageSource source = node().open(":v1")) {
      for (Descriptor wrong :
          new Descriptor[] {
            new Descriptor(MediaType.OCI_INDEX, real.digest(), real.size()),
            new Descriptor(MediaType.OCI_MANIFEST, real.digest(), real.size() - 1),
            new Descriptor(MediaType.OCI_MANIFEST, real.digest(), real.size() + 1),
            new Descriptor(MediaType.OCI_MANIFEST, real.digest(), 8L << 30),
          }) {
        assertThatThrownBy(() -> source.manifest(wrong))
            .isInstanceOf(ImageException.FailedPrecondition.class);
      }
      assertThat(source.manifest(real).digest()).isEqualTo(real.digest());
    }
  }

  @Test
  void refusesContentThatIsNotWhatItsDescriptorSays() {
    Descriptor real = registry.blob(REPOSITORY, new byte[] {1, 2, 3});
    registry.on("/v2/" + REPOSITORY + "/blobs/sha256:" + HEX, FakeRegistry.ranges(new byte[3]));
    try (ImageSource source = node().open(":v1")) {
      for (Descriptor wrong :
          new Descriptor[] {
            new Descriptor("a/b", real.digest(), 2),
            new Descriptor("a/b", real.digest(), 4),
            new Descriptor("a/b", real.digest(), (4L << 20) + 1),
            new Descriptor("a/b", Digest.parse("sha256:" + HEX), 3),
          }) {
        assertThatThrownBy(() -> source.content(wrong))
            .isInstanceOf(ImageException.FailedPrecondition.class);
      }
      assertThat(source.content(real)).containsExactly(1, 2, 3);
    }
  }

  @Test
  void aRegistryWithoutConfigurationIsNeverAskedInPlainHttp() {
    registry.manifest(REPOSITORY, "v1", MediaType.OCI_MANIFEST, EMPTY_MANIFEST);
    try (ImageSource source = new Pulls(folder, registry).impatient().open(":v1")) {
      assertThatThrownBy(source::resolve).isInstanceOf(ImageException.Unavailable.class);
    }
    assertThat(registry.seen()).isEmpty();
  }
}
