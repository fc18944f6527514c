package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpHandler;
import io.crij.cri.v1.AuthConfig;
import io.crij.cri.v1.PullImageRequest;
import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.manifest.MediaType;
import io.crij.image.naive.NaiveClient;
import io.crij.image.naive.NaiveUnpacker;
import io.crij.image.name.Digest;
import io.crij.image.tar.TestTar;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a registry does to a naive client, it does not do to us. */
@Tag("root")
@ParameterizedClass
@EnumSource(names = {"EROFS", "DIRECTORY"})
@ExtendWith(LeavesNoTrace.class)
final class HostileRegistryKernelTest {
  private static final TestImage APP =
      TestImage.of("", new TestTar().file("app", "x".repeat(10_000)).build());
  private static final String LAYER = LocalRegistry.blobPath("app", APP.layer(0));
  private static final int MUCH = 16 << 20;

  private final Path folder;
  private final LocalRegistry registry = new LocalRegistry();
  private final LocalRegistry evil = new LocalRegistry();
  private final TestNode node;
  private final String name = registry.name("app", ":v1");

  /** What the other host was shown; empty for a request without credentials. */
  private final List<String> shown = new CopyOnWriteArrayList<>();

  HostileRegistryKernelTest(LayerFormat format, @TempDir Path folder) throws IOException {
    this.folder = folder;
    registry.configure(TestNode.hosts(folder));
    registry.add("app", "v1", APP);
    node = new TestNode(folder, format);
    byte[] layer = layer();
    evil.on(
        "/stolen",
        exchange -> {
          String authorization = exchange.getRequestHeaders().getFirst("Authorization");
          shown.add(authorization == null ? "" : authorization);
          LocalRegistry.serve("application/octet-stream", layer).handle(exchange);
        });
  }

  @AfterEach
  void close() {
    node.close();
    registry.close();
    evil.close();
  }

  private static byte[] layer() {
    return Objects.requireNonNull(APP.blobs().get(APP.layer(0)));
  }

  private static NaiveClient naive() {
    return new NaiveClient("user", "secret");
  }

  private String evilUrl() {
    return "http://" + evil.authority() + "/stolen";
  }

  private String url(String path) {
    return "http://" + registry.authority() + path;
  }

  private void pullAs(String user) {
    node.images()
        .pullImage(
            PullImageRequest.newBuilder()
                .setImage(TestNode.spec(name))
                .setAuth(AuthConfig.newBuilder().setUsername(user).setPassword("secret"))
                .build());
  }

  private void serveManifest(String mediaType, String text) {
    registry.manifest("app", "v1", mediaType, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String manifest() {
    return new String(APP.manifest(), StandardCharsets.UTF_8);
  }

  /** Wants a user, whose password does not matter unless he is nobody. */
  private static HttpHandler guarded(HttpHandler behind) {
    return exchange -> {
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      if (authorization == null || authorization.equals("Basic bm9ib2R5OnNlY3JldA==")) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"r\"");
        exchange.sendResponseHeaders(401, -1);
      } else {
        behind.handle(exchange);
      }
    };
  }

  @Test
  void foreignUrlsOfALayerAreNotAsked() throws IOException {
    serveManifest(
        MediaType.OCI_MANIFEST, manifest().replace("}]}", ",\"urls\":[\"" + evilUrl() + "\"]}]}"));
    registry.on(LAYER, exchange -> exchange.sendResponseHeaders(404, -1));
    byte[] stolen = naive().get(evilUrl(), MUCH);
    assertThat(stolen).isEqualTo(layer());
    assertThat(shown).singleElement().asString().startsWith("Basic ");
    assertThatThrownBy(() -> pullAs("user")).isInstanceOf(ImageException.class);
    assertThat(shown).hasSize(1);
  }

  @Test
  void credentialsDoNotFollowARedirect() throws IOException {
    registry.on(
        LAYER,
        guarded(exchange -> {
          exchange.getResponseHeaders().set("Location", evilUrl());
          exchange.sendResponseHeaders(307, -1);
        }));
    assertThat(naive().get(url(LAYER), MUCH)).isEqualTo(layer());
    assertThat(shown).singleElement().asString().startsWith("Basic ");
    pullAs("user");
    assertThat(shown).hasSize(2).last().isEqualTo("");
  }

  @Test
  void aDigestIsNoPath() throws IOException {
    String digest = "sha256:../../escaped";
    Path blobs = folder.resolve("naive/blobs");
    Files.createDirectories(blobs.resolve("sha256"));
    NaiveClient.store(blobs, digest, layer());
    assertThat(folder.resolve("naive/escaped")).exists();
    serveManifest(MediaType.OCI_MANIFEST, manifest().replace(APP.layer(0).toString(), digest));
    assertThatThrownBy(() -> node.pull(name))
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageContaining("malformed digest");
    assertThat(node.files("layers")).isEmpty();
    assertThat(node.files("content/blobs/sha256")).isEmpty();
  }

  @Test
  void aDocumentWithoutEndIsCutOff() throws IOException {
    AtomicLong sent = new AtomicLong();
    String path = "/v2/app/manifests/v1";
    registry.on(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          byte[] block = new byte[1 << 16];
          while (true) {
            exchange.getResponseBody().write(block);
            sent.addAndGet(block.length);
          }
        });
    assertThat(naive().get(url(path), MUCH)).hasSize(MUCH);
    sent.set(0);
    assertThatThrownBy(() -> node.pull(name)).hasMessageContaining("longer than 4194304 bytes");
    assertThat(sent).as("with what fits into the buffers of sockets").hasValueLessThan(MUCH);
  }

  @Test
  void aDocumentOfTwoKindsIsNone() {
    String hybrid = manifest().replace("\"layers\"", "\"manifests\":[],\"layers\"");
    assertThat(NaiveClient.kind(MediaType.OCI_INDEX, hybrid))
        .isNotEqualTo(NaiveClient.kind(MediaType.OCI_MANIFEST, hybrid));
    for (String type : List.of(MediaType.OCI_INDEX, MediaType.OCI_MANIFEST)) {
      serveManifest(type, hybrid);
      assertThatThrownBy(() -> node.pull(name))
          .isInstanceOf(ImageException.FailedPrecondition.class);
      assertThat(node.list("")).isEmpty();
    }
  }

  @Test
  void otherBytesThanTheDigestsAreRefused() throws IOException {
    byte[] flipped = layer();
    flipped = flipped.clone();
    flipped[flipped.length / 2] ^= 1;
    registry.on(LAYER, LocalRegistry.serve("application/octet-stream", flipped));
    assertThat(Digest.sha256(naive().get(url(LAYER), MUCH))).isNotEqualTo(APP.layer(0));
    assertThatThrownBy(() -> node.pull(name)).isInstanceOf(ImageException.class);
    assertThat(node.list("")).isEmpty();
    assertThat(node.files("layers")).isEmpty();
    registry.add("app", "v1", APP);
    assertThat(node.pull(name)).isEqualTo(APP.id().hex());
  }

  @Test
  void anImageThatIsHereIsAskedForAgain() throws IOException {
    String path = "/v2/app/manifests/v1";
    registry.on(path, guarded(LocalRegistry.serve(MediaType.OCI_MANIFEST, APP.manifest())));
    Path cache = Files.createDirectory(folder.resolve("cache"));
    NaiveClient nobody = new NaiveClient("nobody", "secret");
    assertThat(nobody.get(url(path), MUCH)).isEmpty();
    naive().getOnce(url(path), cache);
    assertThat(nobody.getOnce(url(path), cache)).as("another's image").isEqualTo(APP.manifest());
    pullAs("user");
    assertThatThrownBy(() -> pullAs("nobody")).isInstanceOf(ImageException.Unauthenticated.class);
    pullAs("user");
  }

  @ParameterizedTest
  @ValueSource(strings = {"xz", "unpigz", "igzip", "gzip"})
  void noProgramOfTheImageIsRun(String program) throws Exception {
    Path canary = folder.resolve("canary");
    byte[] programs =
        new TestTar()
            .mode(0755)
            .file("usr/bin/" + program, "#!/bin/sh\ntouch " + canary + "\n")
            .build();
    TestImage image = TestImage.of("", programs, new TestTar().file("f", "f").build());
    Path rootfs = Files.createDirectory(folder.resolve("naive"));
    new NaiveUnpacker(rootfs).unpack(programs);
    byte[] blob = Objects.requireNonNull(image.blobs().get(image.layer(1)));
    NaiveClient.decompress(rootfs, program, blob);
    assertThat(canary).as("touched by the image's own program").exists();
    Files.delete(canary);
    registry.add("app", "v1", image);
    if (program.equals("xz")) {
      String text = new String(image.manifest(), StandardCharsets.UTF_8);
      serveManifest(MediaType.OCI_MANIFEST, text.replace("tar+gzip", "tar+xz"));
      assertThatThrownBy(() -> node.pull(name)).isInstanceOf(ImageException.Unimplemented.class);
      assertThat(registry.requests(LocalRegistry.blobPath("app", image.layer(1)))).isZero();
    } else {
      assertThat(node.pull(name)).isEqualTo(image.id().hex());
    }
    assertThat(canary).doesNotExist();
  }

  @Test
  void aLoopOfRedirectsEnds() throws IOException {
    registry.on(
        LAYER,
        exchange -> {
          exchange.getResponseHeaders().set("Location", url(LAYER));
          exchange.sendResponseHeaders(307, -1);
        });
    NaiveClient naive = naive();
    assertThat(naive.get(url(LAYER), MUCH)).isEmpty();
    assertThat(naive.redirects()).isEqualTo(100);
    assertThatThrownBy(() -> node.pull(name)).isInstanceOf(ImageException.class);
    assertThat(registry.requests(LAYER) - 100).isLessThan(50);
  }
}
