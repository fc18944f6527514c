package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.naive.NaiveClient;
import io.crij.image.records.Image;
import io.crij.image.tar.TestTar;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
@ExtendWith(LeavesNoTrace.class)
final class ImportImageKernelTest {
  private static final TestImage APP =
      TestImage.of("root", new TestTar().file("app", "app").build());
  private static final String REF_NAME = "\"org.opencontainers.image.ref.name\":\"%s\"";

  private final Path folder;
  private final Path layout;
  private final TestNode node;

  ImportImageKernelTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    this.layout = folder.resolve("layout");
    this.node = new TestNode(folder);
  }

  @BeforeEach
  void writeLayout() throws IOException {
    APP.writeLayout(layout, REF_NAME.formatted("busybox:1.36"));
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void aFolderGivesAnImageUnderItsOwnName() {
    Image image = node.images().importImage(layout, "");
    assertThat(image.id()).isEqualTo(APP.id());
    assertThat(image.repoTags()).containsExactly("docker.io/library/busybox:1.36");
    assertThat(image.repoDigests())
        .containsExactly("docker.io/library/busybox@" + APP.manifestDigest());
    assertThat(node.has("busybox:1.36")).isTrue();
  }

  @Test
  void theGivenNameGoesBeforeTheLayouts() {
    assertThat(node.images().importImage(layout, "local/app").repoTags())
        .containsExactly("docker.io/local/app:latest");
  }

  @Test
  void anArchiveTakesNoNameWhenItIsGivenOne() throws IOException {
    String trusted = "example.com/trusted:v1";
    node.images().importImage(layout, trusted);
    TestImage evil = TestImage.of("evil", new TestTar().file("app", "evil").build());
    Path other = folder.resolve("evil");
    evil.writeLayout(other, REF_NAME.formatted(trusted));
    Map<String, TestImage> naive = new HashMap<>(Map.of(trusted, APP));
    NaiveClient.names(other).forEach(chosen -> naive.put(chosen, evil));
    assertThat(naive).as("what the naive takes it for").containsEntry(trusted, evil);
    node.images().importImage(other, "example.com/asked:v1");
    assertThat(node.status(trusted).getId()).isEqualTo(APP.id().hex());
    assertThat(node.status("example.com/asked:v1").getRepoTagsList())
        .containsExactly("example.com/asked:v1");
  }

  @Test
  void aBareTagIsNoName() throws IOException {
    APP.writeLayout(layout, REF_NAME.formatted("latest"));
    assertThat(node.images().importImage(layout, "").repoTags()).isEmpty();
    assertThat(node.has(APP.id().toString())).isTrue();
    node.close();
    try (TestNode again = new TestNode(folder)) {
      assertThat(again.list("")).hasSize(1);
    }
  }

  @Test
  void anArchiveOfALayoutIsTheSame() throws Exception {
    Path tar = folder.resolve("layout.tar");
    Process process =
        new ProcessBuilder("tar", "-cf", tar.toString(), "-C", layout.toString(), ".").start();
    assertThat(process.waitFor()).isZero();
    assertThat(node.images().importImage(tar, "").id()).isEqualTo(APP.id());
    assertThat(node.files("content/ingest")).isEmpty();
  }

  @Test
  void anArchiveReachesNothingOutside() throws IOException {
    Path tar = folder.resolve("hostile.tar");
    Files.write(
        tar,
        new TestTar()
            .symlink("blobs", folder.toString())
            .file("../../escaped", "x")
            .file("blobs/sha256/../../../escaped", "x")
            .file("index.json", "{}")
            .build());
    assertThatThrownBy(() -> node.images().importImage(tar, ""))
        .isInstanceOf(ImageException.FailedPrecondition.class);
    assertThat(folder.resolve("escaped")).doesNotExist();
    assertThat(node.files("content/ingest")).isEmpty();
  }

  @Test
  void linksOutOfALayoutLeadNowhere() throws IOException {
    Path index = layout.resolve("index.json");
    Path secret = Files.move(index, folder.resolve("secret"));
    Files.createSymbolicLink(index, secret);
    assertThatThrownBy(() -> node.images().importImage(layout, ""))
        .isInstanceOf(ImageException.InvalidArgument.class);
  }

  @Test
  void whatIsNoLayoutIsRefusedWithoutWaiting() throws Exception {
    Path fifo = folder.resolve("fifo");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    Path empty = Files.createDirectory(folder.resolve("empty"));
    for (Path path : List.of(fifo, empty, folder.resolve("missing"), Path.of("/dev/null"))) {
      assertThatThrownBy(() -> node.images().importImage(path, ""))
          .as(path.toString())
          .isInstanceOf(ImageException.InvalidArgument.class);
    }
  }

  @Test
  void damagedBlobsAreRefused() throws IOException {
    Path layer = layout.resolve("blobs/sha256").resolve(APP.layer(0).hex());
    byte[] bytes = Files.readAllBytes(layer);
    bytes[bytes.length / 2] ^= 1;
    Files.write(layer, bytes);
    assertThatThrownBy(() -> node.images().importImage(layout, ""))
        .isInstanceOf(ImageException.FailedPrecondition.class);
    assertThat(node.list("")).isEmpty();
    assertThat(node.files("layers")).isEmpty();
  }

  @Test
  void ofSeveralImagesOneMustBeNamed() throws IOException {
    TestImage other = TestImage.of("other");
    other.writeLayout(layout, "");
    Files.write(
        layout.resolve("index.json"),
        TestImage.index(
            Map.of(
                APP, ",\"annotations\":{" + REF_NAME.formatted("example.com/app:v1") + "}",
                other, ",\"annotations\":{" + REF_NAME.formatted("example.com/other:v1") + "}")));
    assertThatThrownBy(() -> node.images().importImage(layout, ""))
        .isInstanceOf(ImageException.InvalidArgument.class)
        .hasMessageContaining("2 images");
    assertThat(node.images().importImage(layout, "example.com/other:v1").id())
        .isEqualTo(other.id());
  }
}
