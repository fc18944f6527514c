package io.crij.image.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import io.crij.image.LayerKind;
import io.crij.image.changeset.UnpackLimits;
import io.crij.image.erofs.TreeMemory;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import io.crij.image.tar.TestTar;
import io.crij.linux.mount.Mounts;
import io.crij.linux.mount.Overlay;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.tree.BytePath;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("root")
@ParameterizedClass
@EnumSource
@ExtendWith(LeavesNoTrace.class)
final class LayerMakerKernelTest {
  private static final byte[] TAR = new TestTar().directory("d").file("d/f", "content").build();
  private static final byte[] GZIP = TestLayers.gzip(TAR);
  private static final Digest DIFF_ID = Digest.sha256(TAR);

  private final LayerKind kind;
  private final TestLayers layers;
  private final Path folder;

  LayerMakerKernelTest(LayerKind kind, @TempDir Path folder) {
    this.kind = kind;
    this.layers = new TestLayers(kind);
    this.folder = folder;
  }

  @AfterEach
  void close() {
    layers.close();
  }

  @Test
  void whiteoutsAndOpaqueFoldersHideWhatIsBelow() throws Exception {
    Path lower =
        layers.unpack(
            new TestTar()
                .file("file", "lower")
                .file("kept", "lower")
                .file("both", "lower")
                .file("opaque/gone", "lower")
                .file("removed/gone", "lower")
                .file("renewed/gone", "lower")
                .file("renewed-first/gone", "lower")
                .build(),
            folder.resolve("lower"));
    Path upper =
        layers.unpack(
            new TestTar()
                .file(".wh.file", "")
                .file("both", "upper")
                .file(".wh.both", "")
                .file("opaque/new", "upper")
                .file("opaque/.wh..wh..opq", "")
                .file(".wh.removed", "")
                .file(".wh.renewed", "")
                .file("renewed/new", "upper")
                .directory("renewed-first")
                .file("renewed-first/new", "upper")
                .file(".wh.renewed-first", "")
                .file(".wh..wh.plnk", "aufs")
                .build(),
            folder.resolve("upper"));
    try (Merged merged = new Merged(List.of(upper, lower))) {
      assertThat(merged.names())
          .containsExactly(
              "both",
              "kept",
              "opaque",
              "opaque/new",
              "renewed",
              "renewed-first",
              "renewed-first/new",
              "renewed/new");
      assertThat(merged.target.resolve("both")).hasContent("upper");
    }
  }

  @Test
  void foldersThatAreOnlyImpliedAreListed() throws Exception {
    layers.unpack(
        new TestTar().file("a/b/f", "").directory("a/b").file("c/f", "").build(),
        folder.resolve("layer"));
    assertThat(new LayerFolder(folder.resolve("layer")).implied())
        .containsExactlyInAnyOrder(BytePath.ROOT, BytePath.of("a"), BytePath.of("c"));
  }

  @Test
  void plainAndManyMemberedLayersAreTaken() throws Exception {
    ByteArrayOutputStream members = new ByteArrayOutputStream();
    for (int i = 0; i < TAR.length; i += 100) {
      members.writeBytes(
          TestLayers.gzip(Arrays.copyOfRange(TAR, i, Math.min(TAR.length, i + 100))));
    }
    for (byte[] blob : List.of(TAR, members.toByteArray())) {
      Path path = folder.resolve("layer-" + blob.length);
      UnpackedLayer made = make(TestLayers.source(DIFF_ID, blob), path, UnpackLimits.DEFAULT);
      assertThat(layers.show(new LayerFolder(path)).resolve("d/f")).hasContent("content");
      assertThat(made.archiveBytes()).isEqualTo(TAR.length);
      assertThat(made.inodes()).isEqualTo(2);
      assertThat(made.diskBytes()).isBetween(4096L, 2L * 4096);
    }
  }

  static Stream<Arguments> bad() {
    byte[] longer = Arrays.copyOf(GZIP, GZIP.length + 10);
    byte[] flipped = GZIP.clone();
    flipped[GZIP.length - 6] ^= 1;
    byte[] cut = Arrays.copyOf(GZIP, GZIP.length - 20);
    byte[] truncatedTar = new TestTar().file("f", "x".repeat(9000)).unfinished();
    byte[] noTar = "<html>".repeat(1000).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return Stream.of(
        bad("other diff ID", TestLayers.source(Digest.sha256(GZIP), GZIP)),
        bad("other bytes of the right size", served(GZIP, flipped)),
        bad("fewer bytes", served(GZIP, cut)),
        bad("more bytes", served(GZIP, longer)),
        bad("no bytes", served(GZIP, new byte[0])),
        bad("garbage after the gzip stream", TestLayers.source(DIFF_ID, longer)),
        bad("wrong checksum in the gzip stream", TestLayers.source(DIFF_ID, flipped)),
        bad("gzip stream cut off", TestLayers.source(DIFF_ID, cut)),
        bad("archive cut off", TestLayers.source(Arrays.copyOf(truncatedTar, 5000))),
        bad("no archive", TestLayers.source(noTar)),
        bad("empty archive", TestLayers.source(new byte[0])));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bad")
  void whatIsNotWhatWasPromisedIsRefused(LayerSource source) {
    assertThatThrownBy(() -> make(source, folder.resolve("layer"), UnpackLimits.DEFAULT))
        .isInstanceOf(ImageException.FailedPrecondition.class);
    assertThat(threads()).isEmpty();
  }

  @Test
  void bombsAreStoppedEarly() {
    byte[] zeros = TestLayers.gzip(new TestTar().file("f", "\0".repeat(20_000_000)).build());
    LayerSource source = TestLayers.source(DIFF_ID, zeros);
    UnpackLimits small = new UnpackLimits(1 << 20, 100, 10, 1000, 1 << 30, 0);
    UnpackLimits flat = new UnpackLimits(1 << 30, 100, 10, 100, 1 << 20, 0);
    UnpackLimits full = new UnpackLimits(1 << 30, 100, 10, 1000, 1 << 30, Long.MAX_VALUE);
    for (UnpackLimits limits : List.of(small, flat, full)) {
      assertThatThrownBy(() ->
              make(
                  source,
                  folder.resolve(
                      "layer-" + limits.mostRatio() + limits.mostBytes() + limits.reservedBytes()),
                  limits))
          .isInstanceOf(ImageException.ResourceExhausted.class);
    }
    TestTar many = new TestTar();
    for (int i = 0; i < 101; i++) {
      many.file("f" + i, "");
    }
    assertThatThrownBy(() -> make(TestLayers.source(many.build()), folder.resolve("many"), flat))
        .isInstanceOf(ImageException.ResourceExhausted.class);
    byte[] deep = new TestTar().file("1/2/3/4/5/6/7/8/9/10/11/f", "").build();
    if (kind == LayerKind.DIRECTORY) {
      assertThatThrownBy(() -> make(TestLayers.source(deep), folder.resolve("deep"), flat))
          .isInstanceOf(ImageException.ResourceExhausted.class);
    }
    assertThat(threads()).isEmpty();
  }

  @Test
  void aFullDiskIsSaidSo() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    Mounts.tmpfs(disk, 1 << 20, 0700, Set.of());
    try {
      byte[] tar = new TestTar().file("f", "x".repeat(3_000_000)).build();
      UnpackLimits unlimited = new UnpackLimits(1 << 30, 100, 10, 10_000, 1 << 30, 0);
      assertThatThrownBy(() -> make(TestLayers.source(tar), disk.resolve("layer"), unlimited))
          .isInstanceOf(ImageException.ResourceExhausted.class)
          .hasMessageContaining("No space left");
    } finally {
      Mounts.detach(disk);
    }
  }

  @Test
  void aLayerOfMoreFilesThanMemoryHasRoomForBecomesADirectory() throws Exception {
    LayerFolder layer = new LayerFolder(Files.createDirectory(folder.resolve("layer")));
    LayerMaker maker = new LayerMaker(UnpackLimits.DEFAULT, new TreeMemory(300), kind);
    UnpackedLayer made = maker.make(TestLayers.source(TAR), layer);
    assertThat(made.kind()).isEqualTo(LayerKind.DIRECTORY);
    assertThat(layer.diff().resolve("d/f")).hasContent("content");
    assertThat(layer.tar()).doesNotExist();
    assertThat(layer.erofs()).doesNotExist();
    assertThat(threads()).isEmpty();
  }

  @Test
  void encryptedAndUnknownFormatsAreRefusedBeforeTheyAreFetched() {
    for (String type :
        List.of(
            MediaType.OCI_LAYER_GZIP + "+encrypted",
            "application/vnd.oci.image.layer.v1.tar+xz",
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")) {
      Descriptor descriptor = new Descriptor(type, Digest.sha256(GZIP), GZIP.length);
      assertThatThrownBy(() -> new LayerSource(DIFF_ID, descriptor, InputStream::nullInputStream))
          .isInstanceOf(ImageException.Unimplemented.class);
    }
  }

  private UnpackedLayer make(LayerSource source, Path path, UnpackLimits limits)
      throws IOException {
    return TestLayers.make(source, new LayerFolder(Files.createDirectory(path)), limits, kind);
  }

  /** A blob that is promised, and another that comes. */
  private static LayerSource served(byte[] promised, byte[] actual) {
    Descriptor descriptor =
        new Descriptor(MediaType.OCI_LAYER_GZIP, Digest.sha256(promised), promised.length);
    return new LayerSource(DIFF_ID, descriptor, () -> new ByteArrayInputStream(actual));
  }

  private static Arguments bad(String name, LayerSource source) {
    return Arguments.of(Named.of(name, source));
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("unpack-"))
        .toList();
  }

  /** Layers as a container sees them. */
  private final class Merged implements AutoCloseable {
    private final Path target;

    Merged(List<Path> lowers) throws IOException {
      this.target = Files.createDirectory(folder.resolve("merged"));
      Path writable = Files.createDirectory(folder.resolve("writable"));
      Path work = Files.createDirectory(folder.resolve("work"));
      Mounts.overlay(new Overlay(lowers, writable, work, true), target);
    }

    List<String> names() throws IOException {
      try (Stream<Path> paths = Files.walk(target)) {
        return paths
            .filter(path -> !path.equals(target))
            .map(path -> target.relativize(path).toString())
            .sorted()
            .toList();
      }
    }

    @Override
    public void close() {
      Mounts.detach(target);
    }
  }
}
