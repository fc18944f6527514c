package io.crij.image.registry;

import static io.crij.image.registry.Pulls.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import io.crij.image.registry.fake.FakeRegistry;
import io.crij.image.registry.fake.FakeRegistry.Seen;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pushing side against a registry that does what a test wants. */
class PushTest {
  private static final byte[] CONTENT = "0123456789".repeat(25).getBytes(StandardCharsets.US_ASCII);
  private static final Descriptor BLOB =
      new Descriptor("a/b", Digest.sha256(CONTENT), CONTENT.length);
  private static final AuthConfig USER =
      AuthConfig.newBuilder().setUsername("jane").setPassword("hunter2").build();
  private static final String UPLOADS = "/v2/" + REPOSITORY + "/blobs/uploads/";

  private final FakeRegistry registry = FakeRegistry.plain();
  private final FakeRegistry other = FakeRegistry.plainAt("127.0.0.2");
  private final StringBuilder received = new StringBuilder();
  @TempDir Path folder;

  @BeforeEach
  void acceptUploads() {
    registry.on(UPLOADS, exchange -> accepted(exchange, "/upload/1?state=a", null));
    registry.on("/upload/1", this::upload);
  }

  @AfterEach
  void stop() {
    registry.close();
    other.close();
  }

  private static void accepted(HttpExchange exchange, String location, @Nullable String range)
      throws IOException {
    exchange.getResponseHeaders().set("Location", location);
    if (range != null) {
      exchange.getResponseHeaders().set("Range", range);
    }
    exchange.sendResponseHeaders(202, -1);
  }

  /** Takes chunks in order, and the whole. */
  private void upload(HttpExchange exchange) throws IOException {
    String body = registry.seen().getLast().body();
    switch (exchange.getRequestMethod()) {
      case "PATCH" -> {
        received.append(body);
        accepted(exchange, "/upload/1?state=b", "0-" + (received.length() - 1));
      }
      case "GET" -> {
        exchange.getResponseHeaders().set("Range", "0-" + Math.max(received.length() - 1, 0));
        exchange.sendResponseHeaders(204, -1);
      }
      default -> {
        received.append(body);
        exchange.sendResponseHeaders(201, -1);
      }
    }
  }

  private RegistryPush push(String suffix, long chunkBytes) {
    return new Pulls(folder, registry).plain().push(suffix, USER, chunkBytes);
  }

  private static void send(RegistryPush push) {
    push.blob(
        BLOB,
        offset -> new ByteArrayInputStream(CONTENT, (int) offset, CONTENT.length - (int) offset));
  }

  private List<String> methods() {
    return registry.seen().stream().map(Seen::method).toList();
  }

  @Test
  void aShortBlobIsSentAsAWhole() {
    try (RegistryPush push = push(":v1", 1000)) {
      send(push);
    }
    assertThat(methods()).containsExactly("HEAD", "POST", "PUT");
    assertThat(registry.seen().getLast().query()).isEqualTo("state=a&digest=" + BLOB.digest());
    assertThat(received.toString()).isEqualTo(new String(CONTENT, StandardCharsets.US_ASCII));
  }

  @Test
  void whatIsThereIsNotSentAgain() {
    registry.blob(REPOSITORY, CONTENT);
    try (RegistryPush push = push(":v1", 1000)) {
      assertThat(push.has(BLOB)).isTrue();
      send(push);
    }
    assertThat(methods()).containsExactly("HEAD", "HEAD");
  }

  @Test
  void aLongBlobIsSentInChunks() {
    try (RegistryPush push = push(":v1", 100)) {
      send(push);
    }
    assertThat(methods()).containsExactly("HEAD", "POST", "PATCH", "PATCH", "PATCH", "PUT");
    assertThat(registry.seen())
        .filteredOn(seen -> seen.method().equals("PATCH"))
        .extracting(seen -> seen.headers().getFirst("Content-Range"))
        .containsExactly("0-99", "100-199", "200-249");
    assertThat(received.toString()).isEqualTo(new String(CONTENT, StandardCharsets.US_ASCII));
  }

  @Test
  void chunksAreAsLongAsTheRegistryWants() {
    registry.on(
        UPLOADS,
        exchange -> {
          exchange.getResponseHeaders().set("OCI-Chunk-Min-Length", "150");
          accepted(exchange, "/upload/1", null);
        });
    try (RegistryPush push = push(":v1", 100)) {
      send(push);
    }
    assertThat(methods()).containsExactly("HEAD", "POST", "PATCH", "PATCH", "PUT");
  }

  @Test
  void aBrokenConnectionCostsOneChunk() {
    AtomicInteger patches = new AtomicInteger();
    registry.on(
        "/upload/1",
        exchange -> {
          if (exchange.getRequestMethod().equals("PATCH") && patches.incrementAndGet() == 2) {
            throw new IOException("broken");
          }
          upload(exchange);
        });
    try (RegistryPush push = push(":v1", 100)) {
      send(push);
    }
    assertThat(methods())
        .containsExactly("HEAD", "POST", "PATCH", "PATCH", "GET", "PATCH", "PATCH", "PUT");
    assertThat(received.toString()).isEqualTo(new String(CONTENT, StandardCharsets.US_ASCII));
  }

  @Test
  void anOverloadedRegistryIsTriedAgain() {
    AtomicInteger posts = new AtomicInteger();
    registry.on(
        UPLOADS,
        exchange -> {
          if (posts.incrementAndGet() < 3) {
            FakeRegistry.error(exchange, 503, "BUSY");
          } else {
            accepted(exchange, "/upload/1", null);
          }
        });
    try (RegistryPush push = push(":v1", 1000)) {
      send(push);
    }
    assertThat(received).hasSize(CONTENT.length);
  }

  @ParameterizedTest
  @CsvSource({"0-10", "0-98", "0-300", "0-", "x", "bytes=1-99"})
  void aRegistryThatCountsOtherwiseIsRefused(String range) {
    registry.on("/upload/1", exchange -> accepted(exchange, "/upload/1", range));
    try (RegistryPush push = push(":v1", 100)) {
      assertThatThrownBy(() -> send(push)).isInstanceOf(ImageException.FailedPrecondition.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "401, Unauthenticated",
    "403, PermissionDenied",
    "404, NotFound",
    "405, FailedPrecondition",
    "413, FailedPrecondition",
    "307, FailedPrecondition",
    "200, FailedPrecondition",
    "503, Unavailable",
  })
  void statusesHaveTheirKind(int status, String kind) {
    registry.on(UPLOADS, FakeRegistry.status(status, "X"));
    try (RegistryPush push = push(":v1", 100)) {
      assertThatThrownBy(() -> send(push))
          .isInstanceOf(ImageException.class)
          .extracting(e -> e.getClass().getSimpleName())
          .isEqualTo(kind);
    }
  }

  @ParameterizedTest
  @CsvSource({"ftp://x/y", "http://u:p@127.0.0.1/", "http://[", "''"})
  void anUploadIsNotFollowedToWhereItMakesNoSense(String location) {
    registry.on(UPLOADS, exchange -> accepted(exchange, location, null));
    try (RegistryPush push = push(":v1", 1000)) {
      assertThatThrownBy(() -> send(push)).isInstanceOf(ImageException.FailedPrecondition.class);
    }
  }

  /**
   * Some registries have the bytes sent to a store elsewhere, by a URL that is permission enough.
   */
  @Test
  void anotherHostSeesTheBlobAndNoCredentials() {
    String challenge = "Basic realm=\"x\"";
    registry.guard(exchange -> {
      if (exchange.getRequestHeaders().containsKey("Authorization")) {
        return true;
      }
      exchange.getResponseHeaders().set("WWW-Authenticate", challenge);
      FakeRegistry.error(exchange, 401, "UNAUTHORIZED");
      return false;
    });
    registry.on(UPLOADS, exchange -> accepted(exchange, other.url() + "/store?sig=1", null));
    other.on("/store", exchange -> exchange.sendResponseHeaders(201, -1));
    try (RegistryPush push = push(":v1", 1000)) {
      send(push);
      other.on(
          "/store",
          exchange -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", challenge);
            FakeRegistry.error(exchange, 401, "UNAUTHORIZED");
          });
      assertThatThrownBy(() -> send(push)).isInstanceOf(ImageException.Unauthenticated.class);
    }
    assertThat(other.seen())
        .hasSize(2)
        .allSatisfy(seen -> assertThat(seen.headers()).doesNotContainKey("Authorization"));
  }

  @Test
  void aBlobIsTakenOverFromAnotherRepository() {
    registry.on(UPLOADS, exchange -> exchange.sendResponseHeaders(201, -1));
    try (RegistryPush push = push(":v1", 1000)) {
      assertThat(push.mount(BLOB, "team/base")).isTrue();
    }
    assertThat(registry.seen().getFirst().query())
        .isEqualTo("mount=" + BLOB.digest() + "&from=team/base");
    acceptUploads();
    try (RegistryPush push = push(":v1", 1000)) {
      assertThat(push.mount(BLOB, "team/base")).isFalse();
    }
    assertThat(methods()).endsWith("POST", "DELETE");
  }

  @Test
  void aTokenIsForPushing() {
    other.on(
        "/token",
        FakeRegistry.bytes(
            "application/json", "{\"token\":\"tok\"}".getBytes(StandardCharsets.UTF_8)));
    registry.guard(exchange -> {
      if ("Bearer tok".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        return true;
      }
      exchange
          .getResponseHeaders()
          .set("WWW-Authenticate", "Bearer realm=\"" + other.url() + "/token\"");
      FakeRegistry.error(exchange, 401, "UNAUTHORIZED");
      return false;
    });
    try (RegistryPush push = push(":v1", 1000)) {
      send(push);
    }
    assertThat(other.seen().getFirst().query())
        .isEqualTo("scope=repository%3Ateam%2Fapp%3Apull%2Cpush");
    assertThat(other.seen()).hasSize(1);
  }

  @Test
  void aManifestIsSentUnderItsTagAndByItsDigest() {
    byte[] manifest = "{}".getBytes(StandardCharsets.UTF_8);
    Digest digest = Digest.sha256(manifest);
    for (String name : List.of("v1", digest.toString())) {
      registry.on(
          "/v2/" + REPOSITORY + "/manifests/" + name,
          exchange -> {
            exchange.getResponseHeaders().set("Docker-Content-Digest", digest.toString());
            exchange.sendResponseHeaders(201, -1);
          });
    }
    try (RegistryPush push = push(":v1", 1000)) {
      assertThat(push.manifest(manifest, MediaType.OCI_MANIFEST)).isEqualTo(digest);
      assertThat(push.part(manifest, MediaType.OCI_MANIFEST)).isEqualTo(digest);
    }
    assertThat(registry.seen())
        .allSatisfy(seen -> {
          assertThat(seen.method()).isEqualTo("PUT");
          assertThat(seen.headers().getFirst("Content-Type")).isEqualTo(MediaType.OCI_MANIFEST);
          assertThat(seen.body()).isEqualTo("{}");
        })
        .extracting(Seen::path)
        .containsExactly(
            "/v2/" + REPOSITORY + "/manifests/v1", "/v2/" + REPOSITORY + "/manifests/" + digest);
  }

  @Test
  void aManifestThatWasStoredOtherwiseIsRefused() {
    registry.on(
        "/v2/" + REPOSITORY + "/manifests/v1",
        exchange -> {
          exchange.getResponseHeaders().set("Docker-Content-Digest", "sha256:" + "0".repeat(64));
          exchange.sendResponseHeaders(201, -1);
        });
    try (RegistryPush push = push(":v1", 1000)) {
      assertThatThrownBy(() -> push.manifest(new byte[] {'{', '}'}, MediaType.OCI_MANIFEST))
          .isInstanceOf(ImageException.FailedPrecondition.class)
          .hasMessageStartingWith("cannot push manifest sha256:");
    }
  }

  /** "Redirection and mirrors are currently processed only when reading images." */
  @Test
  void aMirrorIsNotPushedTo() {
    new Pulls(folder, registry)
        .hosts("server = \"%s\"\n[host.\"%s\"]".formatted(registry.url(), other.url()));
    try (RegistryPush push = new Pulls(folder, registry).push(":v1", USER, 1000)) {
      send(push);
    }
    assertThat(other.seen()).isEmpty();
    assertThat(received).hasSize(CONTENT.length);
  }

  @Test
  void aRegistryThatDoesNotTakeTheBlobIsGivenUp() {
    registry.on("/upload/1", FakeRegistry.status(400, "DIGEST_INVALID"));
    try (RegistryPush push = push(":v1", 1000)) {
      assertThatThrownBy(() -> send(push))
          .isInstanceOf(ImageException.FailedPrecondition.class)
          .hasMessage(
              "cannot push blob %s of %s/%s: %s: status 400 DIGEST_INVALID"
                  .formatted(BLOB.digest(), registry.authority(), REPOSITORY, registry.url()));
    }
  }
}
