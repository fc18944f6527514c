package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.admin.v1.PruneImagesRequest;
import io.crij.admin.v1.TagImageRequest;
import io.crij.cri.v1.ImageFsInfoRequest;
import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.name.Digest;
import io.crij.image.tar.TestTar;
import io.crij.image.volume.Volumes;
import io.crij.linux.mount.MountFlag;
import io.crij.linux.mount.Mounts;
import io.crij.linux.testing.Eventually;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A store that another node filled, mounted read-only here, of which images are used. */
@Tag("root")
@ParameterizedClass
@EnumSource(names = {"EROFS", "DIRECTORY"})
@ExtendWith(LeavesNoTrace.class)
final class AdditionalStoresKernelTest {
  private static final byte[] BASE =
      new TestTar()
          .mode(0711)
          .directory("srv")
          .mode(0644)
          .file("srv/base", "x".repeat(100_000))
          .build();

  /** Only implies the folder, so that the image has a fixup. */
  private static final byte[] TOP = new TestTar().file("srv/top", "top").build();

  private static final TestImage APP = TestImage.of("1000", BASE, TOP);
  private static final TestImage NEW =
      TestImage.of("", BASE, new TestTar().file("new", "n").build());
  private static final TestImage ARTIFACT =
      TestImage.artifact(Map.of("a.txt", "artifact".getBytes(StandardCharsets.UTF_8)));

  private final LayerFormat format;
  private final Path folder;
  private final Path additional;
  private final LocalRegistry registry;
  private final String app;
  private final String artifact;
  private final String other;
  private final List<String> before;
  private TestNode node;

  AdditionalStoresKernelTest(LayerFormat format, @TempDir Path folder) throws IOException {
    this.format = format;
    this.folder = folder;
    registry = new LocalRegistry();
    registry.add("app", "v1", APP);
    registry.add("new", "v1", NEW);
    registry.add("artifact", "v1", ARTIFACT);
    app = registry.name("app", ":v1");
    artifact = registry.name("artifact", ":v1");
    other = registry.name("new", ":v1");
    Path first = Files.createDirectory(folder.resolve("first"));
    registry.configure(TestNode.hosts(first));
    try (TestNode filler = new TestNode(first, format)) {
      filler.pull(app);
      filler.pull(artifact);
    }
    additional = first.resolve("store");
    Eventually.await("deleted behind", () -> isEmpty(additional.resolve("trash")));
    before = listing(additional);
    Mounts.bind(additional, additional, false, Set.of(MountFlag.READ_ONLY));
    Path second = Files.createDirectory(folder.resolve("second"));
    registry.configure(TestNode.hosts(second));
    node = open(additional);
  }

  private TestNode open(Path... stores) throws IOException {
    Path second = folder.resolve("second");
    return new TestNode(
        second,
        ImageStoreConfig.in(second.resolve("store"))
            .withLayers(format)
            .withAdditional(List.of(stores)));
  }

  private void reopen(Path... stores) throws IOException {
    node.close();
    node = open(stores);
  }

  @AfterEach
  void theStoreIsAsItWas() throws IOException {
    node.close();
    registry.close();
    Mounts.detach(additional);
    if (Files.exists(additional)) {
      assertThat(listing(additional)).isEqualTo(before);
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.findAny().isEmpty();
    }
  }

  /** All that is there, with its sizes and times. */
  private static List<String> listing(Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted().toList()) {
        lines.add(path + " " + Files.size(path) + " " + Files.getAttribute(path, "unix:ctime"));
      }
    }
    return lines;
  }

  @Test
  void itsImagesAreListedAndRunAndTakeNoSpaceHere() throws IOException {
    assertThat(node.list("")).hasSize(2);
    io.crij.cri.v1.Image image = node.status(app);
    assertThat(image.getId()).isEqualTo(APP.id().hex());
    assertThat(image.getRepoTagsList()).containsExactly(app);
    assertThat(image.getRepoDigestsList())
        .containsExactly(registry.name("app", "@" + APP.manifestDigest()));
    assertThat(image.getUid().getValue()).isEqualTo(1000);
    assertThat(image.getPinned()).as("so that the kubelet leaves it alone").isTrue();
    Path rootfs = Files.createDirectory(folder.resolve("rootfs"));
    node.images().rootfs().mount("c1", Objects.requireNonNull(node.images().find(app)), rootfs);
    assertThat(rootfs.resolve("srv/base")).hasSize(100_000);
    assertThat(rootfs.resolve("srv/top")).hasContent("top");
    Files.writeString(rootfs.resolve("srv/written"), "w");
    node.images().rootfs().remove("c1", rootfs);
    assertThat(imageBytes()).isZero();
    assertThat(registry.requests("/v2/app/manifests/v1")).as("by the other node").isEqualTo(1);
    assertThat(node.check(false)).isEmpty();
  }

  @Test
  void itsArtifactsAreVolumes() throws IOException {
    Path volumes = folder.resolve("volumes");
    Path shown =
        node.images().volumes().mount(new Volumes.Request("c1", volumes, 0, artifact, "a.txt"));
    assertThat(shown).hasContent("artifact");
    node.images().volumes().remove("c1", volumes);
  }

  @Test
  void itsImagesAreNotRemovedNorNamed() {
    for (String name : List.of(app, APP.id().hex(), node.status(app).getRepoDigests(0))) {
      assertThatThrownBy(() -> node.remove(name))
          .isInstanceOf(ImageException.FailedPrecondition.class)
          .hasMessageContainingAll(additional.toString(), "read-only");
    }
    assertThatThrownBy(() ->
            node.images()
                .admin()
                .tagImage(TagImageRequest.newBuilder().setImage(app).setTag("other:v1").build()))
        .isInstanceOf(ImageException.FailedPrecondition.class);
    assertThat(node.prune(PruneImagesRequest.newBuilder()).getImagesList()).isEmpty();
    assertThat(node.list("")).hasSize(2);
  }

  @Test
  void aPullFindsLayersThere() throws IOException {
    node.pull(other);
    assertThat(registry.requests(LocalRegistry.blobPath("new", NEW.layer(0)))).isZero();
    assertThat(node.files("layers")).hasSize(1).doesNotContain(Digest.sha256(BASE).hex());
    assertThat(imageBytes()).isBetween(1L, 90_000L);
    node.remove(other);
    assertThat(node.files("layers")).isEmpty();
    assertThat(node.has(app)).isTrue();
  }

  @Test
  void anImageThatIsPulledIsOursAndTheirsAgainWhenItIsRemoved() throws IOException {
    node.pull(app);
    assertThat(node.status(app).getPinned()).isFalse();
    assertThat(node.files("layers")).isEmpty();
    assertThat(node.files("fixups")).hasSize(1);
    node.remove(app);
    assertThat(node.status(app).getPinned()).isTrue();
    assertThat(node.files("fixups")).isEmpty();
    reopen(additional);
    assertThat(node.has(app)).isTrue();
  }

  @Test
  void aStoreThatIsNotThereHasNoImagesUntilItIs() throws IOException {
    node.pull(other);
    Path rootfs = Files.createDirectory(folder.resolve("rootfs"));
    io.crij.image.records.Image used = Objects.requireNonNull(node.images().find(app));
    node.images().rootfs().mount("c1", used, rootfs);
    reopen(folder.resolve("missing"));
    assertThat(node.list("")).as("a layer of the one that was pulled is lost too").isEmpty();
    assertThat(rootfs.resolve("srv/base")).as("runs on").hasSize(100_000);
    reopen(additional);
    assertThat(node.list("")).hasSize(3);
    reopen();
    node.pull(other);
    assertThat(node.list("")).as("made here now").hasSize(1);
    assertThat(node.files("layers")).contains(Digest.sha256(BASE).hex());
    node.images().rootfs().remove("c1", rootfs);
    reopen();
    assertThat(node.has(app)).isFalse();
  }

  @Test
  void whatIsDamagedThereIsNotListed() throws IOException {
    Path copy = folder.resolve("copy");
    assertThat(new ProcessBuilder("cp", "-a", additional.toString(), copy.toString()).start())
        .satisfies(cp -> assertThat(cp.waitFor()).isZero());
    Path layer = copy.resolve("layers").resolve(Digest.sha256(BASE).hex());
    switch (format) {
      case EROFS -> {
        try (RandomAccessFile tar = new RandomAccessFile(layer.resolve("tar").toFile(), "rw")) {
          tar.setLength(512);
        }
      }
      default -> Files.move(layer.resolve("diff"), layer.resolve("gone"));
    }
    reopen(copy);
    assertThat(node.list("")).hasSize(1);
    assertThat(node.has(artifact)).isTrue();
    Path blob = copy.resolve("content/blobs/sha256").resolve(ARTIFACT.id().hex());
    for (Path damaged :
        List.of(copy.resolve("content/blobs/sha256/" + ARTIFACT.manifestDigest().hex()), blob)) {
      if (Files.exists(damaged)) {
        Files.writeString(damaged, "{}");
      }
    }
    reopen(copy);
    assertThat(node.list("")).isEmpty();
    for (String listing : List.of("", "{", "{\"version\":2,\"images\":[],\"layers\":[]}")) {
      Files.writeString(copy.resolve("images.json"), listing);
      reopen(copy);
      assertThat(node.list("")).isEmpty();
    }
    node.pull(app);
    assertThat(node.check(false)).isEmpty();
  }

  @Test
  void aFlippedBitThereIsFoundByItsDigestAndHealedHere() throws IOException {
    Path copy = folder.resolve("copy");
    assertThat(new ProcessBuilder("cp", "-a", additional.toString(), copy.toString()).start())
        .satisfies(cp -> assertThat(cp.waitFor()).isZero());
    Path layer = copy.resolve("layers").resolve(Digest.sha256(BASE).hex());
    Path file =
        Files.exists(layer.resolve("tar")) ? layer.resolve("tar") : layer.resolve("diff/srv/base");
    byte[] bytes = Files.readAllBytes(file);
    bytes[50_000] ^= 1;
    Files.write(file, bytes);
    reopen(copy);
    assertThat(node.list("")).as("of the right size").hasSize(2);
    assertThat(node.check(false))
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.getDigest()).isEqualTo(Digest.sha256(BASE).toString());
          assertThat(finding.getProblem()).isEqualTo("damaged");
          assertThat(finding.getImagesList()).containsExactly(APP.id().hex());
        });
    assertThat(node.check(true)).singleElement().matches(finding -> finding.getRepaired());
    assertThat(node.files("layers")).contains(Digest.sha256(BASE).hex());
    assertThat(node.check(false)).isEmpty();
    assertThat(Files.readAllBytes(file)).as("nothing is written there").isEqualTo(bytes);
  }

  @Test
  void layersOfOursThatOnlyTheyNeedAreTheirsAfterAStart() throws IOException {
    reopen();
    node.pull(app);
    assertThat(node.files("layers")).hasSize(2);
    reopen(additional);
    assertThat(node.files("layers")).as("an image of ours has them").hasSize(2);
    node.remove(app);
    assertThat(node.files("layers")).isEmpty();
    assertThat(node.has(app)).isTrue();
    assertThat(imageBytes()).isZero();
  }

  private long imageBytes() {
    return node.images()
        .imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
        .getImageFilesystems(0)
        .getUsedBytes()
        .getValue();
  }
}
