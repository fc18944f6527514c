package io.crij.image.registry;

import static io.crij.image.registry.Pulls.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.RegistryConfig;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.Index;
import io.crij.image.manifest.Manifest;
import io.crij.image.manifest.MediaType;
import io.crij.image.manifest.Platform;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Against the distribution project's own registry, which Debian packages as docker-registry. */
@ExtendWith(LeavesNoTrace.class)
class RegistryKernelTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir static Path folder;
  private static @Nullable Process registry;
  private static String authority = "";

  @BeforeAll
  static void start() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    authority = "127.0.0.1:" + port;
    Path config = folder.resolve("config.yml");
    Files.writeString(
        config,
        """
        version: 0.1
        log: {level: error}
        storage: {filesystem: {rootdirectory: %s}}
        http: {addr: "%s"}
        """
            .formatted(folder.resolve("data"), authority));
    registry =
        new ProcessBuilder("docker-registry", "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("registry.log").toFile())
            .start();
    Instant end = Instant.now().plus(Duration.ofMinutes(1));
    while (!answers()) {
      assertThat(Instant.now()).as("docker-registry answers").isBefore(end);
      Thread.sleep(50);
    }
  }

  @AfterAll
  static void stop() throws InterruptedException {
    HTTP.close();
    Process process = Objects.requireNonNull(registry);
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }

  private static boolean answers() throws InterruptedException {
    try {
      return send(request("/v2/").GET().build()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + authority + path));
  }

  private static HttpResponse<String> send(HttpRequest request)
      throws IOException, InterruptedException {
    return HTTP.send(request, BodyHandlers.ofString());
  }

  private static Descriptor pushBlob(String mediaType, byte[] bytes) throws Exception {
    HttpResponse<String> begun =
        send(
            request("/v2/" + REPOSITORY + "/blobs/uploads/").POST(BodyPublishers.noBody()).build());
    String location = begun.headers().firstValue("Location").orElseThrow();
    Digest digest = Digest.sha256(bytes);
    HttpRequest put =
        HttpRequest.newBuilder(URI.create(location + "&digest=" + digest))
            .header("Content-Type", "application/octet-stream")
            .PUT(BodyPublishers.ofByteArray(bytes))
            .build();
    assertThat(send(put).statusCode()).isEqualTo(201);
    return new Descriptor(mediaType, digest, bytes.length);
  }

  private static Descriptor pushManifest(String name, String mediaType, String text)
      throws Exception {
    HttpRequest put =
        request("/v2/" + REPOSITORY + "/manifests/" + name)
            .header("Content-Type", mediaType)
            .PUT(BodyPublishers.ofString(text))
            .build();
    HttpResponse<String> response = send(put);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Descriptor(mediaType, Digest.sha256(bytes), bytes.length);
  }

  private static String json(Descriptor descriptor) {
    return "\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d"
        .formatted(descriptor.mediaType(), descriptor.digest(), descriptor.size());
  }

  private static ImageSource open(String suffix) {
    new Pulls(folder, authority).plain();
    return new Registry(RegistryConfig.below(folder))
        .open(
            ImageReference.parse(authority + "/" + REPOSITORY + suffix),
            AuthConfig.getDefaultInstance());
  }

  @Test
  void fetchesAnIndexItsManifestAndBlobs() throws Exception {
    byte[] layer = new byte[5_000_000];
    new Random(5).nextBytes(layer);
    byte[] config = "{\"rootfs\":{}}".getBytes(StandardCharsets.UTF_8);
    Descriptor configBlob = pushBlob(MediaType.OCI_CONFIG, config);
    Descriptor layerBlob = pushBlob(MediaType.OCI_LAYER, layer);
    Descriptor manifest =
        pushManifest(
            "one",
            MediaType.OCI_MANIFEST,
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{%s},\"layers\":[{%s}]}"
                .formatted(MediaType.OCI_MANIFEST, json(configBlob), json(layerBlob)));
    Descriptor index =
        pushManifest(
            "many",
            MediaType.OCI_INDEX,
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[{%s}]}"
                .formatted(MediaType.OCI_INDEX, json(manifest)));

    for (String suffix : new String[] {":many", "@" + index.digest()}) {
      try (ImageSource source = open(suffix)) {
        FetchedManifest top = source.resolve();
        assertThat(top.digest()).isEqualTo(index.digest());
        Descriptor chosen = ((Index) top.document()).select(Platform.host());
        Manifest image = (Manifest) source.manifest(Objects.requireNonNull(chosen)).document();
        assertThat(source.content(image.config())).isEqualTo(config);
        try (InputStream stream = source.blob(image.layers().getFirst())) {
          assertThat(stream.readAllBytes()).isEqualTo(layer);
        }
      }
    }
  }

  @Test
  void saysWhatIsNotThere() {
    try (ImageSource source = open(":gone")) {
      assertThatThrownBy(source::resolve)
          .isInstanceOf(ImageException.NotFound.class)
          .hasMessage(
              "cannot fetch manifest of %1$s/%2$s:gone: http://%1$s: status 404 MANIFEST_UNKNOWN"
                  .formatted(authority, REPOSITORY));
      Descriptor absent = new Descriptor("a/b", Digest.sha256(new byte[9]), 9);
      assertThatThrownBy(() -> source.blob(absent))
          .isInstanceOf(ImageException.NotFound.class)
          .hasMessageContaining("BLOB_UNKNOWN");
    }
  }
}
