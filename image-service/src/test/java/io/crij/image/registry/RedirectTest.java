package io.crij.image.registry;

import static io.crij.image.registry.Pulls.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.registry.fake.FakeRegistry;
import io.crij.image.registry.fake.FakeRegistry.Seen;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectTest {
  private static final byte[] CONTENT = {1, 2, 3};
  private static final AuthConfig TOKEN =
      AuthConfig.newBuilder().setRegistryToken("secret-token").build();

  private final FakeRegistry registry = FakeRegistry.plain();
  private final FakeRegistry storage = FakeRegistry.plainAt("127.0.0.2");
  private Descriptor blob = registry.blob(REPOSITORY, CONTENT);
  private String path = "";
  @TempDir Path folder;

  @BeforeEach
  void prepare() {
    blob = registry.blob(REPOSITORY, CONTENT);
    path = FakeRegistry.blobPath(REPOSITORY, blob);
    storage.on("/blob", FakeRegistry.ranges(CONTENT));
  }

  @AfterEach
  void stop() {
    registry.close();
    storage.close();
  }

  private byte[] fetch() {
    String toml =
        "server = \"%s\"\n[header]\nX-Team = \"secret-header\"\n".formatted(registry.url());
    try (ImageSource source = new Pulls(folder, registry).hosts(toml).open(":v1", TOKEN)) {
      return source.content(blob);
    }
  }

  /** CVE-2020-15157 and GHSA-rp3h-jf77-q9p4. */
  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void anotherHostSeesNothingThatIsForTheFirst(int status) {
    registry.on(path, FakeRegistry.redirect(status, storage.url() + "/blob?sig=SECRET"));
    assertThat(fetch()).isEqualTo(CONTENT);
    Seen first = registry.seen().getFirst();
    assertThat(first.headers().getFirst("Authorization")).isEqualTo("Bearer secret-token");
    assertThat(first.headers().getFirst("X-Team")).isEqualTo("secret-header");
    Seen second = storage.seen().getFirst();
    assertThat(second.query()).isEqualTo("sig=SECRET");
    assertThat(second.headers().values().toString()).doesNotContain("secret");
    assertThat(second.headers()).doesNotContainKeys("Authorization", "X-team", "Cookie");
  }

  @Test
  void anotherPortIsAnotherHost() {
    try (FakeRegistry neighbour = FakeRegistry.plain()) {
      neighbour.on("/blob", FakeRegistry.ranges(CONTENT));
      registry.on(path, FakeRegistry.redirect(307, neighbour.url() + "/blob"));
      assertThat(fetch()).isEqualTo(CONTENT);
      assertThat(neighbour.seen().getFirst().headers()).doesNotContainKey("Authorization");
    }
  }

  @Test
  void theSameHostSeesThemAgain() {
    registry.on(path, FakeRegistry.redirect(307, "/elsewhere"));
    registry.on("/elsewhere", FakeRegistry.ranges(CONTENT));
    assertThat(fetch()).isEqualTo(CONTENT);
    assertThat(registry.seen("/elsewhere").getFirst().headers()).containsKey("Authorization");
  }

  @Test
  void whatLeftTheHostDoesNotComeBackWithCredentials() {
    registry.on(path, FakeRegistry.redirect(307, storage.url() + "/back"));
    storage.on("/back", FakeRegistry.redirect(307, registry.url() + "/home"));
    registry.on("/home", FakeRegistry.ranges(CONTENT));
    assertThat(fetch()).isEqualTo(CONTENT);
    assertThat(registry.seen("/home").getFirst().headers())
        .doesNotContainKeys("Authorization", "X-team");
  }

  @Test
  void aRedirectTargetThatWantsCredentialsGetsNone() {
    registry.on(path, FakeRegistry.redirect(307, storage.url() + "/blob"));
    storage.guard(exchange -> {
      exchange
          .getResponseHeaders()
          .set("WWW-Authenticate", "Bearer realm=\"" + storage.url() + "/token\"");
      FakeRegistry.error(exchange, 401, "UNAUTHORIZED");
      return false;
    });
    assertThatThrownBy(this::fetch)
        .isInstanceOf(ImageException.Unauthenticated.class)
        .hasMessageContaining("status 401 UNAUTHORIZED from " + storage.url() + "/blob");
    assertThat(storage.seen()).extracting(Seen::path).containsExactly("/blob");
    assertThat(storage.seen().getFirst().headers()).doesNotContainKey("Authorization");
  }

  @Test
  void rangesSurviveARedirect() throws Exception {
    byte[] content = new byte[1_000_000];
    Descriptor large = registry.blob(REPOSITORY, content);
    registry.on(
        FakeRegistry.blobPath(REPOSITORY, large),
        FakeRegistry.redirect(307, storage.url() + "/large"));
    storage.on("/large", FakeRegistry.cutAfter(600_000, content));
    try (ImageSource source = new Pulls(folder, registry).plain().open(":v1");
        var stream = source.blob(large)) {
      assertThat(stream.readAllBytes()).isEqualTo(content);
    }
    assertThat(storage.seen()).hasSize(2);
    assertThat(storage.seen().getLast().headers()).containsKey("Range");
  }

  @Test
  void aLoopEnds() {
    registry.on(path, FakeRegistry.redirect(307, "/turn/0"));
    for (int i = 0; i < 20; i++) {
      registry.on("/turn/" + i, FakeRegistry.redirect(307, "/turn/" + (i + 1)));
    }
    assertThatThrownBy(this::fetch)
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageContaining("more than 10 redirects");
    assertThat(registry.seen()).hasSize(11);
  }

  @Test
  void tenRedirectsAreFollowed() {
    registry.on(path, FakeRegistry.redirect(307, "/turn/1"));
    for (int i = 1; i < 10; i++) {
      registry.on("/turn/" + i, FakeRegistry.redirect(307, "/turn/" + (i + 1)));
    }
    registry.on("/turn/10", FakeRegistry.ranges(CONTENT));
    assertThat(fetch()).isEqualTo(CONTENT);
  }

  @Test
  void aMalformedTargetIsRefusedAndNotQuoted() {
    for (String location :
        List.of(
            "http://a b/secret",
            "http://u:secret@127.0.0.2/",
            "file:///secret",
            "ftp://127.0.0.2/secret",
            "http:///secret",
            "http:secret",
            "//")) {
      registry.on(path, FakeRegistry.redirect(307, location));
      assertThatThrownBy(this::fetch)
          .as(location)
          .isInstanceOf(ImageException.FailedPrecondition.class)
          .hasMessageContaining("redirect")
          .message()
          .doesNotContain("secret");
    }
  }

  @Test
  void aRedirectWithoutTargetIsRefused() {
    registry.on(path, FakeRegistry.status(307, "X"));
    assertThatThrownBy(this::fetch).hasMessageContaining("redirect without Location");
  }
}
