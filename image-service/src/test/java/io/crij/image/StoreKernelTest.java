package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.admin.v1.KeepingImage;
import io.crij.admin.v1.PruneImagesRequest;
import io.crij.admin.v1.PruneImagesResponse;
import io.crij.admin.v1.PrunedImage;
import io.crij.admin.v1.StoredPart;
import io.crij.admin.v1.StoredPart.Kind;
import io.crij.cri.v1.FilesystemUsage;
import io.crij.cri.v1.ImageFsInfoRequest;
import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.name.Digest;
import io.crij.image.records.Image;
import io.crij.image.tar.TestTar;
import io.crij.linux.testing.Eventually;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What is kept, where, and for how long. */
@Tag("root")
@ParameterizedClass
@EnumSource(names = {"EROFS", "DIRECTORY"})
@ExtendWith(LeavesNoTrace.class)
final class StoreKernelTest {
  private static final byte[] BASE = new TestTar().file("base", "x".repeat(100_000)).build();
  private static final byte[] TOP = new TestTar().file("top", "top").build();
  private static final TestImage APP = TestImage.of("", BASE, TOP);
  private static final TestImage OTHER = TestImage.of("", BASE);
  private static final byte[] CUT_BASE = new TestTar().file("cut", "cut").build();
  private static final TestImage CUT =
      TestImage.of("", CUT_BASE, new TestTar().file("never", "comes").build());

  private final LayerFormat format;
  private final Path folder;
  private final LocalRegistry registry;
  private final String app;
  private final String other;
  private TestNode node;

  StoreKernelTest(LayerFormat format, @TempDir Path folder) throws IOException {
    this.format = format;
    this.folder = folder;
    registry = new LocalRegistry();
    registry.configure(TestNode.hosts(folder));
    registry.add("app", "v1", APP);
    registry.add("other", "v1", OTHER);
    app = registry.name("app", ":v1");
    other = registry.name("other", ":v1");
    node = new TestNode(folder, format);
  }

  @AfterEach
  void close() {
    node.close();
    registry.close();
  }

  private void reopen(ImageStoreConfig store) throws IOException {
    node.close();
    node = new TestNode(folder, store.withLayers(format));
  }

  private ImageStoreConfig pinned(String... patterns) {
    return new ImageStoreConfig(node.root(), List.of(patterns), Duration.ofHours(1));
  }

  @Test
  void pinnedImagesAreShownSoAndNotPruned() throws IOException {
    reopen(pinned(registry.name("app", "*")));
    node.pull(app);
    node.pull(other);
    assertThat(node.status(app).getPinned()).isTrue();
    assertThat(node.status(other).getPinned()).isFalse();
    assertThat(node.list("")).filteredOn(io.crij.cri.v1.Image::getPinned).hasSize(1);
    PruneImagesResponse pruned = node.prune(PruneImagesRequest.newBuilder());
    assertThat(pruned.getImagesList())
        .extracting(PrunedImage::getId)
        .containsExactly(OTHER.id().hex());
    assertThat(node.has(app)).isTrue();
    node.remove(app);
    assertThat(node.list("")).as("to pin is only a recommendation").isEmpty();
  }

  @Test
  void pruningRemovesWhatNobodyUsesAndTellsWhatThatFrees() throws IOException {
    node.pull(app);
    node.pull(other);
    Image used = Objects.requireNonNull(node.images().find(other));
    Path rootfs = Files.createDirectory(folder.resolve("rootfs"));
    node.images().rootfs().mount("c1", used, rootfs);
    PruneImagesResponse dry = node.prune(PruneImagesRequest.newBuilder().setDryRun(true));
    assertThat(dry.getImages(0).getRepoTagsList()).containsExactly(app);
    assertThat(dry.getFreedBytes())
        .as("the large layer is the other image's too")
        .isBetween(1L, 50_000L);
    assertThat(node.has(app)).isTrue();
    for (PruneImagesRequest.Builder none :
        List.of(
            PruneImagesRequest.newBuilder().setUnusedForSeconds(3600),
            PruneImagesRequest.newBuilder().setUntaggedOnly(true),
            PruneImagesRequest.newBuilder().addNames("example.com/*"))) {
      assertThat(node.prune(none).getImagesList()).isEmpty();
    }
    assertThat(node.prune(PruneImagesRequest.newBuilder().addNames("*app*")).getImagesCount())
        .isEqualTo(1);
    assertThat(node.has(app)).isFalse();
    assertThat(node.files("layers")).containsExactly(Digest.sha256(BASE).hex());
    node.images().rootfs().remove("c1", rootfs);
    assertThat(node.prune(PruneImagesRequest.newBuilder()).getFreedBytes()).isGreaterThan(100_000);
    assertThat(node.files("layers")).isEmpty();
  }

  @Test
  void whatTakesTheDiskIsToldWithWhatKeepsIt() throws IOException {
    node.pull(app);
    node.pull(other);
    Path rootfs = Files.createDirectory(folder.resolve("rootfs"));
    node.images().rootfs().mount("c1", Objects.requireNonNull(node.images().find(app)), rootfs);
    Files.writeString(rootfs.resolve("written"), "x".repeat(200_000));
    registry.add("cut", "v1", CUT);
    registry.on(
        LocalRegistry.blobPath("cut", CUT.layer(1)),
        exchange -> {
          Eventually.await("the other layer", () -> Files.exists(layer(CUT_BASE)));
          exchange.sendResponseHeaders(404, -1);
        });
    Instant before = Instant.now();
    assertThatThrownBy(() -> node.pull(registry.name("cut", ":v1")))
        .isInstanceOf(ImageException.class);

    assertThat(part(Kind.KIND_LAYER, Digest.sha256(BASE).hex()).getImagesList())
        .containsExactlyInAnyOrder(APP.id().hex(), OTHER.id().hex());
    assertThat(part(Kind.KIND_LAYER, Digest.sha256(BASE).hex()).getBytes())
        .isGreaterThan(BASE.length);
    assertThat(part(Kind.KIND_BLOB, APP.id().hex()).getImagesList())
        .containsExactly(APP.id().hex());
    StoredPart left = part(Kind.KIND_LAYER, Digest.sha256(CUT_BASE).hex());
    assertThat(left.getImagesList()).isEmpty();
    assertThat(left.getKeptUntilSeconds())
        .isGreaterThanOrEqualTo(before.plus(ImageStoreConfig.PARTIAL_PULL_AGE).getEpochSecond());
    StoredPart written = part(Kind.KIND_WRITABLE_LAYER, "c1");
    assertThat(written.getContainer()).isEqualTo("c1");
    assertThat(written.getBytes()).isBetween(200_000L, 300_000L);
    assertThat(node.diskUsage().getImagesList())
        .flatExtracting(KeepingImage::getRepoTagsList)
        .containsExactlyInAnyOrder(app, other);
    node.images().rootfs().remove("c1", rootfs);
  }

  private StoredPart part(Kind kind, String name) {
    return node.diskUsage().getPartsList().stream()
        .filter(part -> part.getKind() == kind && part.getPath().endsWith("/" + name))
        .findAny()
        .orElseThrow();
  }

  @Test
  void whatACutPullGotIsKeptForTheNextOneAndExpires() throws IOException {
    String path = LocalRegistry.blobPath("app", APP.layer(1));
    registry.on(
        path,
        exchange -> {
          Eventually.await("the other layer", () -> Files.exists(layer(BASE)));
          exchange.sendResponseHeaders(404, -1);
        });
    assertThatThrownBy(() -> node.pull(app)).isInstanceOf(ImageException.class);
    reopen(ImageStoreConfig.in(node.root()));
    assertThat(node.files("layers")).containsExactly(Digest.sha256(BASE).hex());
    node.pull(other);
    assertThat(registry.requests(LocalRegistry.blobPath("other", OTHER.layer(0)))).isZero();
    node.remove(other);
    assertThat(node.files("layers")).as("its image had it last").isEmpty();

    assertThatThrownBy(() -> node.pull(app)).isInstanceOf(ImageException.class);
    reopen(new ImageStoreConfig(node.root(), List.of(), Duration.ZERO));
    assertThat(node.files("layers")).isEmpty();
  }

  @Test
  void whatACutPullGotExpiresWhileTheServiceRuns() throws IOException {
    registry.on(
        LocalRegistry.blobPath("app", APP.layer(1)),
        exchange -> {
          Eventually.await("the other layer", () -> Files.exists(layer(BASE)));
          exchange.sendResponseHeaders(404, -1);
        });
    reopen(new ImageStoreConfig(node.root(), List.of(), Duration.ofSeconds(4)));
    assertThatThrownBy(() -> node.pull(app)).isInstanceOf(ImageException.class);
    Path ingest = node.root().resolve("content/ingest");
    String young = "sha256-" + "1".repeat(64);
    String old = "sha256-" + "2".repeat(64);
    for (String part : List.of(young, old)) {
      Files.writeString(ingest.resolve(part + ".part"), "part");
      Files.writeString(ingest.resolve(part + ".spans"), "spans");
    }
    Files.setLastModifiedTime(
        ingest.resolve(young + ".part"), FileTime.from(Instant.now().plus(Duration.ofHours(1))));
    Eventually.await("the old part", () -> !Files.exists(ingest.resolve(old + ".part")));
    Eventually.await("the layer", () -> node.files("layers").isEmpty());
    assertThat(node.files("content/ingest")).containsExactly(young + ".part", young + ".spans");
  }

  @Test
  void imagesMayHaveAFolderOfTheirOwn() throws IOException {
    Path images = folder.resolve("images");
    reopen(new ImageStoreConfig(images, List.of(), Duration.ofHours(1)));
    node.pull(app);
    assertThat(images.resolve("layers").resolve(Digest.sha256(BASE).hex())).isDirectory();
    assertThat(node.root().resolve("layers")).isEmptyDirectory();
    Path rootfs = Files.createDirectory(folder.resolve("rootfs"));
    node.images().rootfs().mount("c1", Objects.requireNonNull(node.images().find(app)), rootfs);
    Files.writeString(rootfs.resolve("written"), "x".repeat(200_000));
    assertThat(node.root().resolve("containers/c1/upper/written")).exists();
    FilesystemUsage ofImages = usage().getImageFilesystems(0);
    FilesystemUsage ofContainers = usage().getContainerFilesystems(0);
    assertThat(ofImages.getFsId().getMountpoint()).isEqualTo(images.toString());
    assertThat(ofContainers.getFsId().getMountpoint()).isEqualTo(node.root().toString());
    assertThat(ofContainers.getUsedBytes().getValue()).isBetween(200_000L, 300_000L);
    assertThat(ofContainers.getInodesUsed().getValue()).isEqualTo(1);
    node.images().rootfs().remove("c1", rootfs);
    node.remove(app);
    assertThat(images.resolve("layers")).isEmptyDirectory();
  }

  @Test
  void aDiskThatWasNotThereBringsItsImagesBack() throws IOException {
    Path images = folder.resolve("images");
    ImageStoreConfig store = new ImageStoreConfig(images, List.of(), Duration.ofHours(1));
    reopen(store);
    node.pull(app);
    node.close();
    Files.move(images, folder.resolve("away"));
    node = new TestNode(folder, store.withLayers(format));
    assertThat(node.list("")).isEmpty();
    assertThat(node.has(app)).isFalse();
    node.close();
    try (var left = Files.walk(images)) {
      left.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    }
    Files.move(folder.resolve("away"), images);
    node = new TestNode(folder, store.withLayers(format));
    assertThat(node.has(app)).isTrue();
    assertThat(node.check(false)).isEmpty();
  }

  @Test
  void removingALargeImageIsAnsweredAtOnce() throws Exception {
    TestTar tar = new TestTar();
    for (int i = 0; i < 20_000; i++) {
      tar.file("d" + i % 100 + "/f" + i, "content");
    }
    registry.add("large", "v1", TestImage.of("", tar.build()));
    String large = registry.name("large", ":v1");
    node.pull(large);
    node.remove(large);
    if (format == LayerFormat.DIRECTORY) {
      assertThat(node.files("trash")).as("it did not wait for the files").isNotEmpty();
    }
    assertThat(node.has(large)).isFalse();
    assertThat(node.files("layers")).isEmpty();
    Eventually.await("deleted behind", () -> node.files("trash").isEmpty());
  }

  @Test
  void otherUsersGetNowhere() throws Exception {
    node.pull(app);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(asNobody("ls", node.root().toString())).isNotZero();
    node.close();
    try (Stream<Path> all = Files.walk(node.root())) {
      for (Path path : all.filter(Files::isDirectory).toList()) {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
    assertThat(asNobody("ls", layer(BASE).toString())).as("the test would see it").isZero();
    node = new TestNode(folder, format);
    assertThat(asNobody("ls", node.root().toString())).isNotZero();
    assertThat(asNobody("ls", layer(BASE).toString())).isNotZero();
  }

  private static int asNobody(String... command) throws Exception {
    List<String> words =
        new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
    words.addAll(List.of(command));
    return new ProcessBuilder(words)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  @Test
  void removalAndUseAtTheSameTimeLeaveOneWinner() throws Exception {
    Path rootfs = Files.createDirectory(folder.resolve("rootfs"));
    for (int i = 0; i < 10; i++) {
      node.pull(app);
      Image image = Objects.requireNonNull(node.images().find(app));
      try (ExecutorService both = Executors.newFixedThreadPool(2)) {
        Future<?> removal = both.submit(() -> node.remove(APP.id().hex()));
        Future<?> use = both.submit(() -> node.images().rootfs().mount("c1", image, rootfs));
        boolean removed = isDone(removal, ImageException.FailedPrecondition.class);
        boolean used = isDone(use, ImageException.NotFound.class);
        assertThat(removed).isNotEqualTo(used);
        assertThat(node.has(app)).isEqualTo(used);
        if (used) {
          assertThat(rootfs.resolve("base")).hasSize(100_000);
        }
      }
      node.images().rootfs().remove("c1", rootfs);
    }
  }

  private static boolean isDone(Future<?> future, Class<?> otherwise) throws Exception {
    try {
      future.get(60, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(otherwise);
      return false;
    }
  }

  private io.crij.cri.v1.ImageFsInfoResponse usage() {
    return node.images().imageFsInfo(ImageFsInfoRequest.getDefaultInstance());
  }

  private Path layer(byte[] archive) {
    return node.root().resolve("layers").resolve(Digest.sha256(archive).hex());
  }
}
