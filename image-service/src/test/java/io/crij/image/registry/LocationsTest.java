package io.crij.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.RegistryConfig;
import io.crij.image.manifest.Descriptor;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.fake.FakeRegistry;
import io.crij.image.registry.fake.FakeRegistry.Seen;
import io.crij.image.registry.fake.TestCertificate;
import io.crij.image.registry.transport.Timing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls of a node with a registries.conf. */
class LocationsTest {
  private static final byte[] CONTENT = {1, 2, 3};
  private static final AuthConfig USER =
      AuthConfig.newBuilder().setUsername("u").setPassword("p").build();

  private final FakeRegistry registry = FakeRegistry.plain();
  private final FakeRegistry mirror = FakeRegistry.plainAt("127.0.0.2");
  @TempDir Path folder;

  @AfterEach
  void stop() {
    registry.close();
    mirror.close();
  }

  private void conf(String toml) throws IOException {
    Files.writeString(folder.resolve("registries.conf"), toml);
  }

  private void plain(FakeRegistry host) {
    new Pulls(folder, host).plain();
  }

  private byte[] fetch(String image, AuthConfig auth, Descriptor blob) {
    return fetch(image, auth, blob, Pulls.PATIENT);
  }

  private byte[] fetch(String image, AuthConfig auth, Descriptor blob, Timing timing) {
    try (ImageSource source =
        new Registry(RegistryConfig.below(folder), timing)
            .open(ImageReference.parse(image), auth)) {
      return source.content(blob);
    }
  }

  private static void guardWithBasic(FakeRegistry host) {
    host.guard(exchange -> {
      if (exchange.getRequestHeaders().containsKey("Authorization")) {
        return true;
      }
      exchange.getResponseHeaders().set("WWW-Authenticate", "Basic");
      FakeRegistry.error(exchange, 401, "UNAUTHORIZED");
      return false;
    });
  }

  @Test
  void namesAreRewrittenForEachLocation() throws IOException {
    plain(registry);
    plain(mirror);
    Descriptor blob = registry.blob("own/team/app", CONTENT);
    conf(
        """
        [[registry]]
        prefix = "r.test/team"
        location = "%s/own/team"
        [[registry.mirror]]
        location = "%s/cache"
        """
            .formatted(registry.authority(), mirror.authority()));
    assertThat(fetch("r.test/team/app", AuthConfig.getDefaultInstance(), blob)).isEqualTo(CONTENT);
    assertThat(mirror.seen())
        .extracting(Seen::path, Seen::query)
        .containsExactly(tuple("/v2/cache/app/blobs/" + blob.digest(), null));
    assertThat(registry.seen())
        .extracting(Seen::path)
        .containsExactly("/v2/own/team/app/blobs/" + blob.digest());
  }

  /**
   * The location is the registry, where the administrator moved it; the mirror is somebody else.
   */
  @Test
  void credentialsOfThePullAreForThePrimaryLocation() throws IOException {
    plain(registry);
    plain(mirror);
    guardWithBasic(registry);
    guardWithBasic(mirror);
    Descriptor blob = registry.blob("app", CONTENT);
    mirror.blob("app", CONTENT);
    conf(
        """
        [[registry]]
        prefix = "r.test"
        location = "%s"
        [[registry.mirror]]
        location = "%s"
        """
            .formatted(registry.authority(), mirror.authority()));
    assertThat(fetch("r.test/app", USER, blob)).isEqualTo(CONTENT);
    assertThat(mirror.seen())
        .hasSize(1)
        .allSatisfy(seen -> assertThat(seen.headers()).doesNotContainKey("Authorization"));
    assertThat(registry.seen()).hasSize(2);
  }

  @Test
  void aBlockedRegistryIsNotAsked() throws IOException {
    conf("[[registry]]\nlocation = \"%s\"\nblocked = true".formatted(registry.authority()));
    Descriptor blob = registry.blob("app", CONTENT);
    assertThatThrownBy(
            () -> fetch(registry.authority() + "/app", AuthConfig.getDefaultInstance(), blob))
        .isInstanceOf(ImageException.PermissionDenied.class)
        .hasMessageContaining("is blocked in");
    assertThat(registry.seen()).isEmpty();
  }

  @Test
  void anInsecureRegistryNeedsNoTls() throws IOException {
    Descriptor blob = registry.blob("app", CONTENT);
    String image = registry.authority() + "/app";
    AuthConfig nobody = AuthConfig.getDefaultInstance();
    assertThatThrownBy(() -> fetch(image, nobody, blob, Pulls.IMPATIENT))
        .isInstanceOf(ImageException.Unavailable.class);
    guardWithBasic(registry);
    conf("[[registry]]\nlocation = \"%s\"\ninsecure = true".formatted(registry.authority()));
    assertThat(fetch(image, USER, blob, Pulls.IMPATIENT)).isEqualTo(CONTENT);
    assertThat(registry.seen().getFirst().path()).isEqualTo("/v2/");
    assertThat(registry.seen().getFirst().headers()).doesNotContainKey("Authorization");
  }

  @Test
  void anInsecureRegistryMayHaveAnyCertificate() throws Exception {
    TestCertificate certificate = new TestCertificate(folder, "EC", "dns:other.test");
    try (FakeRegistry secure = FakeRegistry.secure("127.0.0.3", certificate.server())) {
      Descriptor blob = secure.blob("app", CONTENT);
      String image = secure.authority() + "/app";
      assertThatThrownBy(() -> fetch(image, AuthConfig.getDefaultInstance(), blob))
          .hasMessageContaining("TLS: ");
      conf("[[registry]]\nlocation = \"%s\"\ninsecure = true".formatted(secure.authority()));
      assertThat(fetch(image, AuthConfig.getDefaultInstance(), blob)).isEqualTo(CONTENT);
    }
  }

  @Test
  void allLocationsAndTheirReasonsAreNamed() throws IOException {
    plain(registry);
    plain(mirror);
    conf(
        "[[registry]]\nprefix = \"r.test\"\nlocation = \"%s\"\n[[registry.mirror]]\nlocation = \"%s\""
            .formatted(registry.authority(), mirror.authority()));
    Descriptor blob = new Descriptor("a/b", Digest.sha256(CONTENT), CONTENT.length);
    assertThatThrownBy(() -> fetch("r.test/app", AuthConfig.getDefaultInstance(), blob))
        .isInstanceOf(ImageException.NotFound.class)
        .hasMessageContaining(mirror.url() + ": status 404")
        .hasMessageContaining(registry.url() + ": status 404");
  }
}
