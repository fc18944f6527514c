package io.crij.image.registry;

import static io.crij.image.registry.Pulls.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.MediaType;
import io.crij.image.registry.fake.FakeRegistry;
import io.crij.image.registry.fake.TestNames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MirrorTest {
  private static final byte[] CONTENT = new byte[1_500_000];
  private static final String MANIFEST =
      """
      {"schemaVersion":2,"config":{"mediaType":"a/b","digest":"sha256:%s","size":2},"layers":[]}\
      """
          .formatted("0".repeat(64));

  static {
    new Random(3).nextBytes(CONTENT);
  }

  private final FakeRegistry mirror = FakeRegistry.plainAt("127.0.0.2");
  private final FakeRegistry registry = FakeRegistry.plain();
  private final Descriptor blob = registry.blob(REPOSITORY, CONTENT);
  @TempDir Path folder;

  @AfterEach
  void stop() {
    mirror.close();
    registry.close();
  }

  private Pulls node(String mirrorUrl, String options) {
    return new Pulls(folder, registry)
        .hosts(
            "server = \"%s\"\n[host.\"%s\"]\n%s\n".formatted(registry.url(), mirrorUrl, options));
  }

  private Pulls node() {
    return node(mirror.url(), "");
  }

  private static byte[] fetch(Pulls node, Descriptor blob) throws IOException {
    try (ImageSource source = node.open(":v1");
        InputStream stream = source.blob(blob)) {
      return stream.readAllBytes();
    }
  }

  @Test
  void aMirrorIsAskedFirstAndToldWhichRegistryIsMeant() throws IOException {
    mirror.blob(REPOSITORY, CONTENT);
    assertThat(fetch(node(), blob)).isEqualTo(CONTENT);
    assertThat(registry.seen()).isEmpty();
    assertThat(mirror.seen().getFirst().query()).isEqualTo("ns=" + registry.authority());
  }

  @ParameterizedTest
  @CsvSource({"401", "403", "404", "400", "429", "500", "503"})
  void whatAMirrorDoesNotServeComesFromTheRegistry(int status) throws IOException {
    mirror.on(FakeRegistry.blobPath(REPOSITORY, blob), FakeRegistry.status(status, "X"));
    assertThat(fetch(node(), blob)).isEqualTo(CONTENT);
    assertThat(registry.seen().getFirst().query()).isNull();
  }

  @Test
  void aMirrorThatBreaksOffIsRelievedAtTheSameByte() throws IOException {
    mirror.on(FakeRegistry.blobPath(REPOSITORY, blob), FakeRegistry.cutAfter(600_000, CONTENT));
    assertThat(fetch(node(), blob)).isEqualTo(CONTENT);
    assertThat(mirror.seen()).hasSize(1);
    assertThat(registry.seen()).hasSize(1);
    assertThat(registry.seen().getFirst().headers().getFirst("Range")).startsWith("bytes=");
  }

  @Test
  void aMirrorThatLiesIsPassedOver() {
    Descriptor manifest = registry.manifest(REPOSITORY, "v1", MediaType.OCI_MANIFEST, MANIFEST);
    String path = "/v2/" + REPOSITORY + "/manifests/" + manifest.digest();
    mirror.on(path, FakeRegistry.bytes(MediaType.OCI_MANIFEST, new byte[10]));
    try (ImageSource source = node().open("@" + manifest.digest())) {
      assertThat(source.resolve().digest()).isEqualTo(manifest.digest());
    }
    assertThat(mirror.seen()).hasSize(1);
  }

  @Test
  void aMirrorForPullingOnlyIsNotAskedForTags() {
    registry.manifest(REPOSITORY, "v1", MediaType.OCI_MANIFEST, MANIFEST);
    mirror.manifest(REPOSITORY, "v1", MediaType.OCI_MANIFEST, MANIFEST + " ");
    try (ImageSource source = node(mirror.url(), "capabilities = [\"pull\"]").open(":v1")) {
      assertThat(source.resolve().size()).isEqualTo(MANIFEST.length());
    }
    assertThat(mirror.seen()).isEmpty();
  }

  @Test
  void aDeadMirrorCostsOneWait() throws IOException {
    // A host of the documentation's network: nothing answers, so only the time limit ends it.
    Pulls node = node("http://192.0.2.1:5000", "dial_timeout = \"2s\"");
    Instant begin = Instant.now();
    try (ImageSource source = node.open(":v1")) {
      for (int i = 0; i < 30; i++) {
        try (InputStream stream = source.blob(blob)) {
          assertThat(stream.readAllBytes()).hasSize(CONTENT.length);
        }
      }
    }
    assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(40));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[2001:db8::1]", "192.0.2.1", "mirror.silent.test"})
  void aMirrorThatCannotBeFoundOrReachedIsPassedOver(String host) throws IOException {
    // Networks of the documentation, and a name that DNS says nothing about.
    Pulls node = node("http://" + host + ":5000", "dial_timeout = \"0.7s\"");
    assertThat(fetch(node, blob)).isEqualTo(CONTENT);
    assertThat(registry.seen()).hasSize(1);
    if (host.endsWith(".test")) {
      assertThat(TestNames.waiting())
          .isNotEmpty()
          .as("nothing else would get on meanwhile")
          .noneMatch(Thread::isVirtual);
    }
  }

  @Test
  void aRegistryWhoseNameNobodyAnswersForIsUnavailable() throws IOException {
    Pulls node = new Pulls(folder, "registry.silent.test");
    node.hosts("server = \"http://registry.silent.test\"\ndial_timeout = \"0.7s\"");
    try (ImageSource source = node.open(":v1")) {
      assertThatThrownBy(source::resolve)
          .isInstanceOf(ImageException.Unavailable.class)
          .hasMessageContaining("host name cannot be resolved");
    }
  }

  @Test
  void allHostsAndTheirReasonsAreNamed() {
    mirror.on(FakeRegistry.blobPath(REPOSITORY, blob), FakeRegistry.status(503, "SICK"));
    registry.on(FakeRegistry.blobPath(REPOSITORY, blob), FakeRegistry.status(404, "GONE"));
    assertThatThrownBy(() -> fetch(node(), blob))
        .isInstanceOf(ImageException.NotFound.class)
        .hasMessage(
            "cannot fetch blob %s of %s/%s: %s: status 503 SICK; %s: status 404 GONE"
                .formatted(
                    blob.digest(), registry.authority(), REPOSITORY, mirror.url(), registry.url()));
  }

  /** The kind of the whole is the registry's own, whatever order the hosts were asked in. */
  @Test
  void theRegistrysWordCountsMost() {
    mirror.on(FakeRegistry.blobPath(REPOSITORY, blob), FakeRegistry.status(404, "GONE"));
    registry.on(FakeRegistry.blobPath(REPOSITORY, blob), FakeRegistry.status(503, "SICK"));
    assertThatThrownBy(() -> fetch(node(), blob))
        .isInstanceOf(ImageException.Unavailable.class)
        .hasMessageStartingWith("RegistryUnavailable: ");
  }

  /** A pull's credentials are for the registry; a mirror that asks for them gets none. */
  @Test
  void aMirrorSeesNoCredentials() {
    mirror.guard(exchange -> {
      exchange
          .getResponseHeaders()
          .set("WWW-Authenticate", "Basic, Bearer realm=\"" + mirror.url() + "/token\"");
      FakeRegistry.error(exchange, 401, "UNAUTHORIZED");
      return false;
    });
    String basic =
        "Basic " + Base64.getEncoder().encodeToString("u:p".getBytes(StandardCharsets.UTF_8));
    registry.guard(exchange -> {
      if (basic.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        return true;
      }
      exchange.getResponseHeaders().set("WWW-Authenticate", "Basic");
      FakeRegistry.error(exchange, 401, "UNAUTHORIZED");
      return false;
    });
    AuthConfig auth = AuthConfig.newBuilder().setUsername("u").setPassword("p").build();
    try (ImageSource source = node().open(":v1", auth)) {
      assertThat(source.content(blob)).isEqualTo(CONTENT);
    }
    assertThat(mirror.seen()).isNotEmpty();
    assertThat(mirror.seen())
        .allSatisfy(seen -> assertThat(seen.headers()).doesNotContainKey("Authorization"));
  }

  @Test
  void aHostWithoutTheCapabilityLeavesNobodyToAsk() {
    Pulls node =
        new Pulls(folder, registry)
            .hosts("server = \"%s\"\ncapabilities = [\"pull\"]".formatted(registry.url()));
    try (ImageSource source = node.open(":v1")) {
      assertThatThrownBy(source::resolve)
          .isInstanceOf(ImageException.FailedPrecondition.class)
          .hasMessageContaining("no configured host has the capability RESOLVE");
    }
  }

  private static byte[] corrupt() {
    byte[] corrupt = CONTENT.clone();
    corrupt[700_000] ^= 1;
    return corrupt;
  }

  @Test
  void aMirrorThatServedAnotherBlobIsNotAskedForItAgain() throws IOException {
    mirror.on(FakeRegistry.blobPath(REPOSITORY, blob), FakeRegistry.ranges(corrupt()));
    try (ImageSource source = node().open(":v1")) {
      try (InputStream stream = source.blob(blob)) {
        assertThat(blob.digest().matches(stream.readAllBytes())).isFalse();
      }
      assertThat(source.mistrust(blob)).isTrue();
      try (InputStream stream = source.blob(blob)) {
        assertThat(stream.readAllBytes()).isEqualTo(CONTENT);
      }
    }
    assertThat(mirror.seen()).hasSize(1);
  }

  /** Which of the two is at fault cannot be told, so the registry is asked once more, alone. */
  @Test
  void ofTwoThatServedPartsTheRegistryIsBelievedOnceMore() throws IOException {
    mirror.on(FakeRegistry.blobPath(REPOSITORY, blob), FakeRegistry.cutAfter(800_000, corrupt()));
    try (ImageSource source = node().open(":v1")) {
      try (InputStream stream = source.blob(blob)) {
        assertThat(blob.digest().matches(stream.readAllBytes())).isFalse();
      }
      assertThat(source.mistrust(blob)).isTrue();
      try (InputStream stream = source.blob(blob)) {
        assertThat(stream.readAllBytes()).isEqualTo(CONTENT);
      }
      assertThat(source.mistrust(blob)).isFalse();
      assertThatThrownBy(() -> source.blob(blob))
          .isInstanceOf(ImageException.FailedPrecondition.class)
          .hasMessageContaining(mirror.url() + ": served other bytes than " + blob.digest())
          .hasMessageContaining(registry.url() + ": served other bytes than " + blob.digest());
    }
  }

  @Test
  void partsOfABlobAreAskedForAsSuch() throws IOException {
    try (ImageSource source = new Pulls(folder, registry).plain().open(":v1")) {
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      for (int from = 0; from < CONTENT.length; from += 400_000) {
        try (InputStream part =
            source.blob(blob, from, Math.min(from + 400_000, CONTENT.length), _ -> {})) {
          whole.writeBytes(part.readAllBytes());
        }
      }
      assertThat(whole.toByteArray()).isEqualTo(CONTENT);
      assertThat(source.servesRanges(blob)).isTrue();
    }
    assertThat(registry.seen())
        .extracting(seen -> seen.headers().getFirst("Range"))
        .containsExactly(
            "bytes=0-399999", "bytes=400000-799999", "bytes=800000-1199999", "bytes=1200000-");
  }

  @Test
  void aRegistryWithoutRangesStillServesParts() throws IOException {
    registry.on(FakeRegistry.blobPath(REPOSITORY, blob), FakeRegistry.bytes("a/b", CONTENT));
    try (ImageSource source = new Pulls(folder, registry).plain().open(":v1");
        InputStream part = source.blob(blob, 400_000, 800_000, _ -> {})) {
      assertThat(part.readAllBytes()).isEqualTo(Arrays.copyOfRange(CONTENT, 400_000, 800_000));
      assertThat(source.servesRanges(blob)).isFalse();
    }
  }
}
