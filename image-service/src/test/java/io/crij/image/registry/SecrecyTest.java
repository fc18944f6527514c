package io.crij.image.registry;

import static io.crij.image.registry.Pulls.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpHandler;
import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.registry.fake.FakeRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * Neither messages nor logs show what only the registry may know (the class of containerd's "SAS
 * token in pod events"): every kind of credential meets every kind of failure.
 */
class SecrecyTest {
  private static final String SECRET = "hunter2hunter2";
  private static final String ENCODED =
      Base64.getEncoder().encodeToString(("jane:" + SECRET).getBytes(StandardCharsets.UTF_8));
  private static final byte[] CONTENT = {1, 2, 3};

  private final FakeRegistry registry = FakeRegistry.plain();
  private final FakeRegistry other = FakeRegistry.plainAt("127.0.0.2");
  private final Descriptor blob = registry.blob(REPOSITORY, CONTENT);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private Level level = Level.DEBUG;
  @TempDir Path folder;

  @BeforeEach
  void listen() {
    level = root.getLevel();
    root.setLevel(Level.TRACE);
    log.start();
    root.addAppender(log);
  }

  @AfterEach
  void stop() {
    root.detachAppender(log);
    root.setLevel(level);
    registry.close();
    other.close();
  }

  private static List<AuthConfig> allCredentials() {
    return List.of(
        AuthConfig.getDefaultInstance(), // what the node knows counts
        AuthConfig.newBuilder().setUsername("jane").setPassword(SECRET).build(),
        AuthConfig.newBuilder().setAuth(ENCODED).build(),
        AuthConfig.newBuilder().setIdentityToken(SECRET).build(),
        AuthConfig.newBuilder().setRegistryToken(SECRET).build());
  }

  /** Tells back what it was told, as far as HTTP lets it. */
  private static HttpHandler echo(int status) {
    return exchange -> {
      String told =
          exchange.getRequestHeaders().getFirst("Authorization")
              + " "
              + exchange.getRequestURI()
              + " "
              + SECRET;
      exchange.getResponseHeaders().set("X-Echo", told);
      exchange.getResponseHeaders().set("Content-Type", "text/" + SECRET);
      exchange.getResponseHeaders().set("Retry-After", SECRET);
      byte[] body =
          "{\"errors\":[{\"code\":\"%1$s\",\"message\":\"%1$s\",\"detail\":\"%1$s\"}]}"
              .formatted(told)
              .getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    };
  }

  private static HttpHandler challenge(String challenge) {
    return exchange -> {
      exchange.getResponseHeaders().set("WWW-Authenticate", challenge);
      echo(401).handle(exchange);
    };
  }

  private Stream<HttpHandler> failures() {
    String token = other.url() + "/token?key=" + SECRET;
    return Stream.of(
        echo(200),
        echo(400),
        echo(403),
        echo(404),
        echo(429),
        echo(500),
        challenge("Basic realm=\"" + SECRET + "\""),
        challenge("Bearer realm=\"%s\",service=\"%s\"".formatted(token, SECRET)),
        challenge("Bearer realm=\"http://x y/" + SECRET + "\""),
        challenge("Bearer realm=\"http://u:" + SECRET + "@127.0.0.2/\""),
        FakeRegistry.redirect(307, other.url() + "/gone?sig=" + SECRET),
        FakeRegistry.redirect(307, "http://u:" + SECRET + "@127.0.0.2/"),
        FakeRegistry.redirect(307, "http://[" + SECRET),
        FakeRegistry.redirect(307, "http://127.0.0.1:1/?sig=" + SECRET),
        FakeRegistry.redirect(307, "gopher://" + SECRET));
  }

  static Stream<HttpHandler> tokenAnswers() {
    return Stream.of(
        echo(200),
        echo(401),
        echo(503),
        FakeRegistry.bytes(
            "application/json",
            ("{\"token\":\"" + SECRET + "\"}").getBytes(StandardCharsets.UTF_8)),
        FakeRegistry.bytes(
            "application/json",
            ("{\"token\":\"" + SECRET + "\\n\"}").getBytes(StandardCharsets.UTF_8)),
        FakeRegistry.bytes("application/json", SECRET.getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @MethodSource("tokenAnswers")
  void nothingIsTold(HttpHandler tokenAnswer) throws IOException {
    other.on("/token", tokenAnswer);
    other.on("/gone", echo(403));
    Files.writeString(
        folder.resolve("auth.json"),
        "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(registry.authority(), ENCODED));
    Pulls node =
        new Pulls(folder, registry)
            .hosts("server = \"%s\"\n[header]\nX-Key = \"%s\"\n".formatted(registry.url(), SECRET));
    for (HttpHandler failure : failures().toList()) {
      registry.on(FakeRegistry.blobPath(REPOSITORY, blob), failure);
      registry.on("/v2/" + REPOSITORY + "/manifests/v1", failure);
      for (AuthConfig auth : allCredentials()) {
        assertTellsNothing(node, auth);
      }
    }
    assertThat(log.list).isNotEmpty();
    assertThat(log.list)
        .allSatisfy(event ->
            assertThat(event.getFormattedMessage() + event.getThrowableProxy())
                .doesNotContain(SECRET, ENCODED));
  }

  private void assertTellsNothing(Pulls node, AuthConfig auth) {
    try (ImageSource source = node.open(":v1", auth)) {
      for (Runnable attempt :
          List.<Runnable>of(source::resolve, () -> source.content(blob), () -> read(source))) {
        try {
          attempt.run();
        } catch (ImageException e) {
          assertThat(Secrets.everythingIn(e)).doesNotContain(SECRET, ENCODED);
        }
      }
    }
  }

  private void read(ImageSource source) {
    try (var stream = source.blob(blob)) {
      assertThat(stream.readAllBytes()).isNotEmpty();
    } catch (IOException e) {
      assertThat(Secrets.everythingIn(e)).doesNotContain(SECRET, ENCODED);
    }
  }
}
