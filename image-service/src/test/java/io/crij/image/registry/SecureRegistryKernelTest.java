package io.crij.image.registry;

import static io.crij.image.registry.Pulls.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.RegistryConfig;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.Manifest;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.fake.LossyRelay;
import io.crij.image.registry.fake.TestCertificate;
import io.crij.image.registry.transport.Timing;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Debian's docker-registry with TLS and htpasswd: pushed to, then pulled from. */
@Tag("root")
@ExtendWith(LeavesNoTrace.class)
class SecureRegistryKernelTest {
  private static final String PASSWORD = "correct-horse";

  /** Of that password, by crypt(3). */
  private static final String HTPASSWD =
      "jane:$2b$05$abcdefghijklmnopqrstuuZ0Fx87Pb/Aqb0E90lfvCwzXnaFKUHpS\n";

  private static final AuthConfig JANE =
      AuthConfig.newBuilder().setUsername("jane").setPassword(PASSWORD).build();
  private static final AuthConfig NOBODY = AuthConfig.getDefaultInstance();
  private static final byte[] LAYER = new byte[5_000_000];
  private static final byte[] CONFIG = "{\"rootfs\":{}}".getBytes(StandardCharsets.UTF_8);

  /** What keeps silent is asked again often, by a busy machine too. */
  private static final Timing SHORT_SILENCE =
      new Timing(
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          40,
          40,
          Duration.ofMillis(5),
          Duration.ofMillis(200));

  @TempDir static Path folder;
  private static @Nullable Process registry;
  private static String authority = "";
  private static int port;

  @TempDir Path node;

  @BeforeAll
  static void start() throws Exception {
    new Random(7).nextBytes(LAYER);
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    authority = "127.0.0.1:" + port;
    TestCertificate certificate = new TestCertificate(folder, "EC", "ip:127.0.0.1");
    Files.writeString(folder.resolve("server.crt"), certificate.certificatePem());
    Files.writeString(folder.resolve("server.key"), certificate.keyPem());
    Files.writeString(folder.resolve("htpasswd"), HTPASSWD);
    Path config = folder.resolve("config.yml");
    Files.writeString(
        config,
        """
        version: 0.1
        storage: {filesystem: {rootdirectory: %1$s/data}}
        auth: {htpasswd: {realm: here, path: %1$s/htpasswd}}
        http:
          addr: "%2$s"
          tls: {certificate: %1$s/server.crt, key: %1$s/server.key}
        """
            .formatted(folder, authority));
    registry =
        new ProcessBuilder("docker-registry", "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("registry.log").toFile())
            .start();
    Instant end = Instant.now().plus(Duration.ofMinutes(1));
    while (!listens(port)) {
      assertThat(Instant.now()).as("docker-registry listens").isBefore(end);
      Thread.sleep(50);
    }
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @AfterAll
  static void stop() throws InterruptedException {
    Process process = Objects.requireNonNull(registry);
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }

  @BeforeEach
  void trustIt() throws IOException {
    Path certs = Files.createDirectories(node.resolve("certs.d").resolve(authority));
    Files.copy(folder.resolve("server.crt"), certs.resolve("ca.crt"));
  }

  private Registry registry() {
    return new Registry(RegistryConfig.below(node));
  }

  private static ImageReference reference(String suffix) {
    return ImageReference.parse(authority + "/" + REPOSITORY + suffix);
  }

  private static Descriptor descriptor(String mediaType, byte[] bytes) {
    return new Descriptor(mediaType, Digest.sha256(bytes), bytes.length);
  }

  private static String json(Descriptor descriptor) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(descriptor.mediaType(), descriptor.digest(), descriptor.size());
  }

  private static Digest push(RegistryPush push) {
    for (byte[] blob : new byte[][] {CONFIG, LAYER}) {
      push.blob(
          descriptor("a/b", blob),
          offset -> new ByteArrayInputStream(blob, (int) offset, blob.length - (int) offset));
    }
    String manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
            .formatted(
                MediaType.OCI_MANIFEST,
                json(descriptor(MediaType.OCI_CONFIG, CONFIG)),
                json(descriptor(MediaType.OCI_LAYER, LAYER)));
    return push.manifest(manifest.getBytes(StandardCharsets.UTF_8), MediaType.OCI_MANIFEST);
  }

  private void pull(String suffix, AuthConfig auth, Digest expected) throws IOException {
    try (ImageSource source = registry().open(reference(suffix), auth)) {
      FetchedManifest top = source.resolve();
      assertThat(top.digest()).isEqualTo(expected);
      Manifest manifest = (Manifest) top.document();
      assertThat(source.content(manifest.config())).isEqualTo(CONFIG);
      try (InputStream layer = source.blob(manifest.layers().getFirst())) {
        assertThat(layer.readAllBytes()).isEqualTo(LAYER);
      }
    }
  }

  @Test
  void whatWasPushedInChunksIsPulledByHttp2() throws Exception {
    Digest digest;
    try (RegistryPush push = registry().push(reference(":chunks"), JANE, null, 1 << 20)) {
      digest = push(push);
      assertThat(push.has(descriptor("a/b", LAYER))).isTrue();
      assertThat(push.has(descriptor("a/b", new byte[9]))).isFalse();
    }
    pull(":chunks", JANE, digest);
    assertThat(Files.readString(folder.resolve("registry.log")))
        .contains("\"GET /v2/" + REPOSITORY + "/manifests/chunks HTTP/2.0\"")
        .doesNotContain("HTTP/1.1");
  }

  /** All requests go by one connection of HTTP/2, which does not end when it is dead. */
  @Test
  void aConnectionThatKeepsSilentIsNotUsedAgain() throws Exception {
    try (RegistryPush push = registry().push(reference(":silence"), JANE, null)) {
      push(push);
    }
    try (LossyRelay relay = new LossyRelay(port);
        Registry patientForASecond = new Registry(RegistryConfig.below(node), SHORT_SILENCE)) {
      String address = "127.0.0.1:" + relay.port();
      Files.copy(
          folder.resolve("server.crt"),
          Files.createDirectories(node.resolve("certs.d").resolve(address)).resolve("ca.crt"));
      ImageReference image = ImageReference.parse(address + "/" + REPOSITORY + ":silence");
      Digest before;
      try (ImageSource source = patientForASecond.open(image, JANE)) {
        before = source.resolve().digest();
      }
      relay.lose();
      try (ImageSource source = patientForASecond.open(image, JANE)) {
        assertThat(source.resolve().digest()).isEqualTo(before);
      }
    }
  }

  @Test
  void aBlobIsTakenOverFromAnotherRepository() throws Exception {
    try (RegistryPush push = registry().push(reference(":whole"), JANE, null)) {
      push(push);
    }
    Descriptor layer = descriptor("a/b", LAYER);
    ImageReference other = ImageReference.parse(authority + "/other/app:v1");
    try (RegistryPush push = registry().push(other, JANE, REPOSITORY)) {
      assertThat(push.has(layer)).isFalse();
      assertThat(push.mount(layer, REPOSITORY)).isTrue();
      assertThat(push.has(layer)).isTrue();
      assertThat(push.mount(descriptor("a/b", new byte[9]), REPOSITORY)).isFalse();
    }
  }

  @Test
  void theNodesCredentialsSufficeForPulling() throws Exception {
    Digest digest;
    try (RegistryPush push = registry().push(reference(":auth"), JANE, null)) {
      digest = push(push);
    }
    assertThatThrownBy(() -> pull(":auth", NOBODY, digest))
        .isInstanceOf(ImageException.Unauthenticated.class);
    String auth =
        Base64.getEncoder().encodeToString(("jane:" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    Files.writeString(
        node.resolve("auth.json"),
        "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(authority + "/team", auth));
    pull(":auth", NOBODY, digest);
    AuthConfig wrong = JANE.toBuilder().setPassword("wrong").build();
    assertThatThrownBy(() -> pull(":auth", wrong, digest))
        .as("what the pull brings counts alone")
        .isInstanceOf(ImageException.Unauthenticated.class);
  }
}
