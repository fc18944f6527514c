package io.crij.image.registry;

import static io.crij.image.registry.Pulls.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.registry.fake.FakeRegistry;
import io.crij.image.registry.fake.FakeRegistry.Seen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorizationTest {
  private static final AuthConfig USER =
      AuthConfig.newBuilder().setUsername("jane").setPassword("secret").build();
  private static final String BASIC =
      "Basic " + Base64.getEncoder().encodeToString("jane:secret".getBytes(StandardCharsets.UTF_8));
  private static final byte[] CONTENT = {1, 2, 3};

  private final FakeRegistry registry = FakeRegistry.plain();
  private final FakeRegistry tokens = FakeRegistry.plainAt("127.0.0.2");
  private Descriptor blob = registry.blob(REPOSITORY, CONTENT);
  @TempDir Path folder;

  @BeforeEach
  void serveTokens() {
    blob = registry.blob(REPOSITORY, CONTENT);
    tokens.on("/token", exchange -> json(exchange, "{\"token\":\"tok-1\",\"expires_in\":300}"));
    registry.guard(exchange -> wants(exchange, "Bearer tok-1", bearer("")));
  }

  @AfterEach
  void stop() {
    registry.close();
    tokens.close();
  }

  private String bearer(String more) {
    return "Bearer realm=\"%s/token\",service=\"the registry\"%s".formatted(tokens.url(), more);
  }

  private static boolean wants(HttpExchange exchange, String authorization, String challenge)
      throws IOException {
    if (authorization.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      return true;
    }
    exchange.getResponseHeaders().set("WWW-Authenticate", challenge);
    FakeRegistry.error(exchange, 401, "UNAUTHORIZED");
    return false;
  }

  private static void json(HttpExchange exchange, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private byte[] fetch(AuthConfig auth) {
    try (ImageSource source = new Pulls(folder, registry).plain().open(":v1", auth)) {
      return source.content(blob);
    }
  }

  private static @Nullable String authorization(Seen request) {
    return request.headers().getFirst("Authorization");
  }

  @Test
  void anAnonymousTokenIsFetchedForPulling() {
    assertThat(fetch(AuthConfig.getDefaultInstance())).isEqualTo(CONTENT);
    Seen request = tokens.seen().getFirst();
    assertThat(request.method()).isEqualTo("GET");
    assertThat(request.query())
        .isEqualTo("service=the+registry&scope=repository%3Ateam%2Fapp%3Apull");
    assertThat(authorization(request)).isNull();
    assertThat(registry.seen())
        .extracting(AuthorizationTest::authorization)
        .containsExactly(null, "Bearer tok-1");
  }

  @Test
  void aPasswordGoesToTheTokenServerOnly() {
    assertThat(fetch(USER)).isEqualTo(CONTENT);
    assertThat(authorization(tokens.seen().getFirst())).isEqualTo(BASIC);
    assertThat(registry.seen())
        .extracting(AuthorizationTest::authorization)
        .containsExactly(null, "Bearer tok-1");
  }

  @Test
  void anIdentityTokenIsExchanged() {
    tokens.on("/token", exchange -> json(exchange, "{\"access_token\":\"tok-1\"}"));
    fetch(AuthConfig.newBuilder().setIdentityToken("id+token").build());
    Seen request = tokens.seen().getFirst();
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.query()).isNull();
    assertThat(request.body())
        .isEqualTo(
            "grant_type=refresh_token&client_id=crij&refresh_token=id%2Btoken"
                + "&service=the+registry&scope=repository%3Ateam%2Fapp%3Apull");
  }

  @Test
  void aRegistryTokenIsUsedAsItIs() {
    fetch(AuthConfig.newBuilder().setRegistryToken("tok-1").build());
    assertThat(tokens.seen()).isEmpty();
    assertThat(registry.seen()).hasSize(1);
  }

  @Test
  void aPasswordAnswersABasicChallenge() {
    registry.guard(exchange -> wants(exchange, BASIC, "Basic realm=\"x\""));
    assertThat(fetch(USER)).isEqualTo(CONTENT);
    assertThatThrownBy(() -> fetch(AuthConfig.getDefaultInstance()))
        .isInstanceOf(ImageException.Unauthenticated.class);
    assertThatThrownBy(() -> fetch(USER.toBuilder().setPassword("wrong").build()))
        .isInstanceOf(ImageException.Unauthenticated.class);
  }

  /** A mirror may know the repository by another name; more than pulling is never asked for. */
  @Test
  void theScopeIsTheRegistrysButForPullingOnly() {
    registry.guard(exchange ->
        wants(exchange, "Bearer tok-1", bearer(",scope=\"repository:hub/team/app:pull,push\"")));
    fetch(USER);
    assertThat(tokens.seen().getFirst().query())
        .endsWith("scope=repository%3Ahub%2Fteam%2Fapp%3Apull");
  }

  @Test
  void aScopeOfAnotherKindIsNotAskedFor() {
    registry.guard(
        exchange -> wants(exchange, "Bearer tok-1", bearer(",scope=\"registry:catalog:*\"")));
    fetch(USER);
    assertThat(tokens.seen().getFirst().query()).endsWith("scope=repository%3Ateam%2Fapp%3Apull");
  }

  @Test
  void anExpiredTokenIsReplacedOnce() {
    AtomicInteger number = new AtomicInteger();
    tokens.on(
        "/token",
        exchange -> json(exchange, "{\"token\":\"t%d\"}".formatted(number.incrementAndGet())));
    registry.guard(exchange -> wants(exchange, "Bearer t" + number.get(), bearer("")));
    try (ImageSource source = new Pulls(folder, registry).plain().open(":v1", USER)) {
      source.content(blob);
      source.content(blob);
      assertThat(number).hasValue(1);
      registry.guard(exchange -> wants(exchange, "Bearer t2", bearer("")));
      source.content(blob);
      assertThat(number).hasValue(2);
    }
  }

  @Test
  void parallelRequestsShareOneToken() throws Exception {
    try (ImageSource source = new Pulls(folder, registry).plain().open(":v1", USER)) {
      List<Thread> threads = new ArrayList<>();
      AtomicInteger served = new AtomicInteger();
      for (int i = 0; i < 20; i++) {
        threads.add(Thread.ofVirtual().start(() -> served.addAndGet(source.content(blob).length)));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(served).hasValue(60);
    }
    assertThat(tokens.seen()).hasSize(1);
  }

  @Test
  void aRegistryThatIsNeverContentIsGivenUp() {
    registry.guard(exchange -> wants(exchange, "never", bearer("")));
    assertThatThrownBy(() -> fetch(USER)).isInstanceOf(ImageException.Unauthenticated.class);
    assertThat(registry.seen()).hasSize(2);
    assertThat(tokens.seen()).hasSize(1);
  }

  @Test
  void wrongCredentialsAreRefusedByTheTokenServer() {
    tokens.on("/token", FakeRegistry.status(401, "UNAUTHORIZED"));
    assertThatThrownBy(() -> fetch(USER))
        .isInstanceOf(ImageException.Unauthenticated.class)
        .hasMessageContaining("token server " + tokens.url() + "/token: status 401");
  }

  @Test
  void anOverloadedTokenServerIsAskedAgain() {
    AtomicInteger turn = new AtomicInteger();
    tokens.on(
        "/token",
        exchange -> {
          if (turn.incrementAndGet() == 1) {
            FakeRegistry.error(exchange, 503, "X");
          } else {
            json(exchange, "{\"token\":\"tok-1\"}");
          }
        });
    assertThat(fetch(USER)).isEqualTo(CONTENT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"token\":null}",
        "{\"token\":\"\"}",
        "{\"token\":7}",
        "{\"token\":\"a b\"}",
        "{\"token\":\"secret\\r\\nX: y\"}",
        "{\"token\":\"a\",\"token\":\"b\"}",
      })
  void aMalformedTokenIsRefusedAndNotQuoted(String body) {
    tokens.on("/token", exchange -> json(exchange, body));
    assertThatThrownBy(() -> fetch(USER))
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageContaining("gave no proper token")
        .message()
        .doesNotContain("secret");
  }

  @Test
  void anEndlessTokenIsCutOff() {
    tokens.on(
        "/token",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          while (true) {
            exchange.getResponseBody().write(new byte[65_536]);
          }
        });
    assertThatThrownBy(() -> fetch(USER)).hasMessageContaining("longer than 1048576 bytes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer",
        "Bearer realm=\"\"",
        "Bearer realm=\"/token\"",
        "Bearer realm=\"a b\"",
        "Bearer realm=\"ftp://127.0.0.2/token\"",
        "Bearer realm=\"file:///etc/passwd\"",
        "Bearer realm=\"http://u:p@127.0.0.2/token\"",
      })
  void aMalformedRealmIsRefused(String challenge) {
    registry.guard(exchange -> wants(exchange, "never", challenge));
    assertThatThrownBy(() -> fetch(USER)).isInstanceOf(ImageException.FailedPrecondition.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Negotiate", "Digest realm=\"x\"", "\"", "Bearer,,,\""})
  void anUnknownChallengeIsUnauthenticated(String challenge) {
    registry.guard(exchange -> wants(exchange, "never", challenge));
    assertThatThrownBy(() -> fetch(USER))
        .isInstanceOfAny(
            ImageException.Unauthenticated.class, ImageException.FailedPrecondition.class);
    assertThat(tokens.seen()).isEmpty();
  }
}
