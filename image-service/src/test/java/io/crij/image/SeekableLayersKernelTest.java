package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.compress.SeekableLayer;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import io.crij.image.records.Image;
import io.crij.image.tar.TestTar;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Layers that clients may fetch file by file are taken as a whole, as others are. */
@Tag("root")
@ParameterizedClass
@EnumSource(names = {"EROFS", "DIRECTORY"})
@ExtendWith(LeavesNoTrace.class)
final class SeekableLayersKernelTest {
  private static final String LARGE = "x".repeat(100_000);

  private static final SeekableLayer ESTARGZ =
      SeekableLayer.estargz(
          List.of(
              new TestTar().directory("etc").unfinished(),
              new TestTar().file("etc/below", "hidden").unfinished(),
              new TestTar().mode(04755).file("etc/large", LARGE).unfinished()));

  private static final SeekableLayer CHUNKED =
      SeekableLayer.zstdChunked(
          List.of(
              new TestTar().file("etc/.wh.below", "").unfinished(),
              new TestTar().file("etc/above", "of the second").unfinished(),
              new TestTar().link("etc/linked", "etc/above").build()));

  private static final TestImage IMAGE =
      TestImage.withDiffIds(
          "",
          List.of(Digest.sha256(ESTARGZ.archive()), Digest.sha256(CHUNKED.archive())),
          List.of(ESTARGZ.blob(), CHUNKED.blob()));

  private final LocalRegistry registry = new LocalRegistry();
  private final Path rootfs;
  private final TestNode node;

  SeekableLayersKernelTest(LayerFormat format, @TempDir Path folder) throws IOException {
    registry.configure(TestNode.hosts(folder));
    rootfs = Files.createDirectory(folder.resolve("rootfs"));
    node = new TestNode(folder, format);
  }

  @AfterEach
  void close() {
    node.images().rootfs().remove("c1", rootfs);
    node.close();
    registry.close();
  }

  @Test
  void tablesOfContentsChangeNothing() throws IOException {
    registry.add("app", "v1", IMAGE);
    registry.manifest("app", "v1", MediaType.OCI_MANIFEST, manifest());
    Image image = node.images().find(node.pull(registry.name("app", ":v1")));
    node.images().rootfs().mount("c1", Objects.requireNonNull(image), rootfs);
    assertThat(rootfs.resolve("etc/large")).hasContent(LARGE);
    assertThat(Files.getAttribute(rootfs.resolve("etc/large"), "unix:mode")).isEqualTo(0104755);
    assertThat(rootfs.resolve("etc/linked")).hasContent("of the second");
    assertThat(rootfs.resolve("etc/below")).doesNotExist();
    assertThat(rootfs.resolve(".no.prefetch.landmark"))
        .as("files of the archive, whatever they are for")
        .hasContent("\u000f");
    assertThat(rootfs.resolve("stargz.index.json")).content().contains("entries");
    assertThat(node.check(false)).isEmpty();
  }

  /** As those who make such layers describe them. */
  private static byte[] manifest() {
    String gzip = "\"" + MediaType.OCI_LAYER_GZIP + "\",\"digest\":\"";
    String zstd = "\"" + MediaType.OCI_LAYER_ZSTD + "\",\"digest\":\"";
    String sum = "sha256:" + "0".repeat(64);
    return new String(IMAGE.manifest(), StandardCharsets.UTF_8)
        .replace(gzip + IMAGE.layer(1), zstd + IMAGE.layer(1))
        .replace(
            "\"size\":" + ESTARGZ.blob().length + "}",
            "\"size\":%d,\"annotations\":{\"containerd.io/snapshot/stargz/toc.digest\":\"%s\"}}"
                .formatted(ESTARGZ.blob().length, sum))
        .replace(
            "\"size\":" + CHUNKED.blob().length + "}",
            ("\"size\":%d,\"annotations\":"
                    + "{\"io.github.containers.zstd-chunked.manifest-checksum\":\"%s\","
                    + "\"io.github.containers.zstd-chunked.manifest-position\":\"%d:34:26:1\"}}")
                .formatted(CHUNKED.blob().length, sum, CHUNKED.blob().length - 114))
        .getBytes(StandardCharsets.UTF_8);
  }
}
