package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.admin.v1.ImageFinding;
import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.name.Digest;
import io.crij.image.records.Image;
import io.crij.image.tar.TestTar;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Things of a store that were lost or damaged behind its back. */
@Tag("root")
@ParameterizedClass
@EnumSource(names = {"EROFS", "DIRECTORY"})
@ExtendWith(LeavesNoTrace.class)
final class CheckImagesKernelTest {
  private static final byte[] BASE = new TestTar().file("base", "x".repeat(100_000)).build();
  private static final byte[] TOP = new TestTar().file("top", "top").build();
  private static final TestImage APP = TestImage.of("", BASE, TOP);

  private final Path folder;
  private final LocalRegistry registry;
  private final String name;
  private final TestNode node;

  CheckImagesKernelTest(LayerFormat format, @TempDir Path folder) throws IOException {
    this.folder = folder;
    registry = new LocalRegistry();
    registry.configure(TestNode.hosts(folder));
    registry.add("app", "v1", APP);
    name = registry.name("app", ":v1");
    node = new TestNode(folder, format);
    node.pull(name);
  }

  @AfterEach
  void close() {
    node.close();
    registry.close();
  }

  @Test
  void nothingIsFoundInAWholeStore() {
    assertThat(node.check(true)).isEmpty();
    assertThat(layerRequests()).isEqualTo(List.of(1L, 1L));
  }

  @Test
  void aLostLayerIsFoundAndFetchedAlone() throws IOException {
    Files.move(layer(BASE), folder.resolve("lost"));
    ImageFinding found = onlyFinding(false);
    assertThat(found.getKind()).isEqualTo(ImageFinding.Kind.KIND_LAYER);
    assertThat(found.getDigest()).isEqualTo(Digest.sha256(BASE).toString());
    assertThat(found.getImagesList()).containsExactly(APP.id().hex());
    assertThat(found.getRepaired()).isFalse();
    assertThat(layer(BASE)).doesNotExist();
    assertThat(onlyFinding(true).getRepaired()).isTrue();
    assertThat(layer(BASE)).isNotEmptyDirectory();
    assertThat(layerRequests()).as("only the lost one again").isEqualTo(List.of(2L, 1L));
    assertThat(node.check(false)).isEmpty();
    assertThat(node.status(name).getRepoTagsList()).containsExactly(name);
  }

  @Test
  void aFlippedBitInALayerIsFoundAndOnlyThatLayerFetched() throws IOException {
    node.flip(BASE, "base");
    assertThat(onlyFinding(false).getProblem()).startsWith("damaged");
    assertThat(onlyFinding(true).getRepaired()).isTrue();
    assertThat(layerRequests()).isEqualTo(List.of(2L, 1L));
    Files.delete(node.content(TOP, "top"));
    assertThat(onlyFinding(true).getRepaired()).isTrue();
    assertThat(node.check(false)).isEmpty();
  }

  @Test
  void aQuickCheckFindsWhatIsLostOrHasAnotherLength() throws IOException {
    Path document = blob(APP.manifestDigest());
    byte[] bytes = Files.readAllBytes(document);
    bytes[bytes.length / 2] ^= 1;
    Files.write(document, bytes);
    assertThat(node.quickCheck()).as("it reads nothing").isEmpty();
    Files.write(document, Arrays.copyOf(bytes, bytes.length - 1));
    Files.move(layer(TOP), folder.resolve("lost"));
    assertThat(node.quickCheck().stream().map(ImageFinding::getProblem))
        .containsExactlyInAnyOrder(
            "has %d bytes instead of %d".formatted(bytes.length - 1, bytes.length),
            "its files are lost");
    assertThat(node.check(true)).hasSize(2).allMatch(ImageFinding::getRepaired);
    assertThat(node.quickCheck()).isEmpty();
  }

  @Test
  void damagedDocumentsAreFoundAndFetched() throws IOException {
    for (Digest digest : List.of(APP.id(), APP.manifestDigest())) {
      Path blob = blob(digest);
      byte[] bytes = Files.readAllBytes(blob);
      bytes[bytes.length / 2] ^= 1;
      Files.write(blob, bytes);
      assertThat(onlyFinding(false).getProblem()).isEqualTo("damaged");
      assertThat(onlyFinding(true).getRepaired()).isTrue();
      Files.delete(blob);
      assertThat(onlyFinding(false).getProblem()).isEqualTo("missing");
      assertThat(onlyFinding(true).getRepaired()).isTrue();
    }
    assertThat(layerRequests()).isEqualTo(List.of(1L, 1L));
  }

  @Test
  void whatCannotBeFetchedIsNotListedUntilItCan() throws IOException {
    Files.move(layer(TOP), folder.resolve("lost"));
    String path = LocalRegistry.blobPath("app", APP.layer(1));
    registry.on(path, exchange -> exchange.sendResponseHeaders(404, -1));
    ImageFinding found = onlyFinding(true);
    assertThat(found.getRepaired()).isFalse();
    assertThat(found.getFailure()).contains(APP.layer(1).toString());
    assertThat(node.list("")).isEmpty();
    assertThat(node.has(name)).isFalse();
    registry.add("app", "v1", APP);
    assertThat(node.pull(name)).isEqualTo(APP.id().hex());
    assertThat(node.check(false)).isEmpty();
  }

  @Test
  void anImageThatIsNotWholeCanBeRemoved() throws IOException {
    Files.delete(blob(APP.manifestDigest()));
    registry.on("/v2/app/manifests/" + APP.manifestDigest(), e -> e.sendResponseHeaders(404, -1));
    assertThat(onlyFinding(true).getRepaired()).isFalse();
    assertThat(node.list("")).isEmpty();
    node.remove(APP.id().hex());
    assertThat(node.check(false)).isEmpty();
    assertThat(node.files("layers")).isEmpty();
  }

  @Test
  void aLayerThatContainersHaveStaysUnderThem() throws IOException {
    Path rootfs = Files.createDirectory(folder.resolve("rootfs"));
    Image image = Objects.requireNonNull(node.images().find(name));
    node.images().rootfs().mount("c1", image, rootfs);
    Files.move(layer(BASE), folder.resolve("lost"));
    ImageFinding found = onlyFinding(true);
    assertThat(found.getRepaired()).isFalse();
    assertThat(found.getFailure()).contains("containers");
    assertThat(rootfs.resolve("base")).hasSize(100_000);
    node.images().rootfs().remove("c1", rootfs);
    assertThat(onlyFinding(true).getRepaired()).isTrue();
  }

  @Test
  void aLayerThatWasCutOffIsNotMountedAndAPullHealsIt() throws IOException {
    Path rootfs = Files.createDirectory(folder.resolve("rootfs"));
    Image image = Objects.requireNonNull(node.images().find(name));
    Path tar = layer(BASE).resolve("tar");
    if (Files.exists(tar)) {
      try (FileChannel file = FileChannel.open(tar, StandardOpenOption.WRITE)) {
        file.truncate(50_000);
      }
    } else {
      Files.move(layer(BASE).resolve("diff"), folder.resolve("lost"));
    }
    assertThatThrownBy(() -> node.images().rootfs().mount("c1", image, rootfs))
        .isInstanceOf(ImageException.NotFound.class)
        .hasMessageContainingAll(APP.id().hex(), Digest.sha256(BASE).hex(), "pull the image again");
    assertThat(node.has(name)).as("so that the kubelet pulls it").isFalse();
    assertThat(node.pull(name)).isEqualTo(APP.id().hex());
    assertThat(layerRequests()).isEqualTo(List.of(2L, 1L));
    node.images().rootfs().mount("c1", image, rootfs);
    assertThat(rootfs.resolve("base")).hasContent("x".repeat(100_000));
    node.images().rootfs().remove("c1", rootfs);
  }

  @Test
  void anImportedImageCannotBeFetched() throws IOException {
    TestImage imported = TestImage.of("", new TestTar().file("imported", "i").build());
    imported.writeLayout(folder.resolve("layout"), "");
    node.images().importImage(folder.resolve("layout"), "");
    Files.delete(blob(imported.id()));
    assertThat(onlyFinding(true).getFailure()).contains("import it again");
  }

  private ImageFinding onlyFinding(boolean repair) {
    List<ImageFinding> findings = node.check(repair);
    assertThat(findings).hasSize(1);
    return findings.getFirst();
  }

  private List<Long> layerRequests() {
    return List.of(
        registry.requests(LocalRegistry.blobPath("app", APP.layer(0))),
        registry.requests(LocalRegistry.blobPath("app", APP.layer(1))));
  }

  private Path layer(byte[] archive) {
    return node.root().resolve("layers").resolve(Digest.sha256(archive).hex());
  }

  private Path blob(Digest digest) {
    return node.root().resolve("content/blobs/sha256").resolve(digest.hex());
  }
}
