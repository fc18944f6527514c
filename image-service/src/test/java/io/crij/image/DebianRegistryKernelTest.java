package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.admin.v1.PushImageRequest;
import io.crij.image.records.Image;
import io.crij.image.tar.TestTar;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Images of a registry and a client that others wrote: docker-registry and skopeo. */
@Tag("root")
@ExtendWith(LeavesNoTrace.class)
final class DebianRegistryKernelTest {
  private static final TestImage APP =
      TestImage.of(
          "app", new TestTar().file("a", "a").build(), new TestTar().file("b", "b").build());

  private final Path folder;
  private final String authority;
  private final Process registry;
  private final TestNode node;

  DebianRegistryKernelTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      authority = "127.0.0.1:" + free.getLocalPort();
    }
    Path config =
        Files.writeString(
            folder.resolve("registry.yml"),
            """
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: %s}}
            http: {addr: %s}
            """
                .formatted(folder.resolve("registry"), authority));
    registry =
        new ProcessBuilder("docker-registry", "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("registry.log").toFile())
            .start();
    Path hosts = Files.createDirectories(TestNode.hosts(folder).resolve(authority));
    Files.writeString(hosts.resolve("hosts.toml"), "server = \"http://" + authority + "\"\n");
    node = new TestNode(folder);
  }

  @AfterEach
  void close() throws InterruptedException {
    node.close();
    registry.destroy();
    assertThat(registry.waitFor(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void imagesInTheFormatsOfOciAndDockerArePulled() throws Exception {
    Path layout = folder.resolve("layout");
    APP.writeLayout(layout, "");
    for (String format : List.of("oci", "v2s2")) {
      push(layout, format);
      Image image = node.images().find(node.pull(authority + "/team/app:" + format));
      assertThat(image).isNotNull();
      assertThat(image.diffIds()).hasSize(2);
      assertThat(image.config().user()).isEqualTo("app");
    }
    assertThat(node.files("layers")).hasSize(2);
    Path rootfs = Files.createDirectory(folder.resolve("rootfs"));
    Image image = node.images().find(APP.id().toString());
    assertThat(image).isNotNull();
    node.images().rootfs().mount("c1", image, rootfs);
    try {
      assertThat(rootfs.resolve("a")).hasContent("a");
      assertThat(rootfs.resolve("b")).hasContent("b");
    } finally {
      node.images().rootfs().remove("c1", rootfs);
    }
  }

  @Test
  void whatIsPushedIsPulledElsewhere() throws Exception {
    Path layout = folder.resolve("layout");
    APP.writeLayout(layout, "");
    push(layout, "oci");
    node.pull(authority + "/team/app:oci");
    String name = authority + "/copies/app:v2";
    String repoDigest =
        node.images()
            .admin()
            .pushImage(PushImageRequest.newBuilder().setImage(APP.id().hex()).setName(name).build())
            .getRepoDigest();
    assertThat(repoDigest)
        .as("layers are taken over from team/app, and nothing changes")
        .isEqualTo(authority + "/copies/app@" + APP.manifestDigest());
    node.remove(APP.id().hex());
    assertThat(node.pull(name)).isEqualTo(APP.id().hex());
    assertThat(node.status(name).getRepoDigestsList()).containsExactly(repoDigest);
    assertThat(node.check(false)).isEmpty();
  }

  @Test
  void whatTheRegistryDoesNotHaveIsCompressedAnew() throws Exception {
    Path layout = folder.resolve("layout");
    APP.writeLayout(layout, "");
    push(layout, "oci");
    node.images().importImage(layout, "elsewhere.example/app:v1");
    String name = authority + "/fresh/app:v1";
    String repoDigest =
        node.images()
            .admin()
            .pushImage(PushImageRequest.newBuilder().setImage(APP.id().hex()).setName(name).build())
            .getRepoDigest();
    node.remove(APP.id().hex());
    assertThat(node.pull(name)).isEqualTo(APP.id().hex());
    assertThat(node.status(name).getRepoDigestsList()).containsExactly(repoDigest);
    assertThat(node.check(false)).isEmpty();
  }

  private void push(Path layout, String format) throws Exception {
    String output = "";
    for (int attempt = 0; attempt < 300; attempt++) {
      Process skopeo =
          new ProcessBuilder(
                  "skopeo",
                  "copy",
                  "--insecure-policy",
                  "--dest-tls-verify=false",
                  "--format=" + format,
                  "oci:" + layout,
                  "docker://" + authority + "/team/app:" + format)
              .redirectErrorStream(true)
              .start();
      output = new String(skopeo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (skopeo.waitFor() == 0) {
        return;
      }
      // The registry may not listen yet.
      Thread.sleep(100);
    }
    throw new AssertionError(output);
  }
}
