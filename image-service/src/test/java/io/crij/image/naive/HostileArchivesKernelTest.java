package io.crij.image.naive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import io.crij.image.LayerKind;
import io.crij.image.changeset.UnpackLimits;
import io.crij.image.tar.TestTar;
import io.crij.image.unpack.LayerFolder;
import io.crij.image.unpack.TestLayers;
import io.crij.image.unpack.TreeListing;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What archives do to a naive unpacker, they do not do to ours. */
@Tag("root")
@ExtendWith(LeavesNoTrace.class)
final class HostileArchivesKernelTest {
  private static final String CANARY = "alive";

  @TempDir private Path folder;

  /** An archive that knows where the canaries are. */
  @FunctionalInterface
  interface Attack extends Function<Path, TestTar> {}

  /** Sees what came of the canaries, and of a layer's folder. */
  @FunctionalInterface
  interface Harm {
    boolean isDone(Path outside, Path layer) throws IOException;
  }

  static Stream<Arguments> attacks() {
    return Stream.of(names(), links(), hardLinks(), whiteouts(), metadata()).flatMap(List::stream);
  }

  private static List<Arguments> names() {
    return List.of(
        attack(
            "24 parents in a name",
            outside -> new TestTar().file("../outside/canary", "dead"),
            HostileArchivesKernelTest::isCanaryChanged),
        attack(
            "24 parents behind a folder",
            outside -> new TestTar().directory("a").file("a/../../outside/canary", "dead"),
            HostileArchivesKernelTest::isCanaryChanged),
        attack(
            "24 a new file beside",
            outside -> new TestTar().file("./../outside/new", "dead"),
            (outside, _) -> Files.exists(outside.resolve("new"))));
  }

  private static List<Arguments> links() {
    return List.of(
        attack(
            "25 through an absolute link",
            outside -> new TestTar().symlink("l", outside.toString()).file("l/canary", "dead"),
            HostileArchivesKernelTest::isCanaryChanged),
        attack(
            "25 through a link up",
            outside -> new TestTar().symlink("l", "../outside").file("l/canary", "dead"),
            HostileArchivesKernelTest::isCanaryChanged),
        attack(
            "25 through two links",
            outside ->
                new TestTar().symlink("a", "../outside").symlink("b", "a").file("b/canary", "dead"),
            HostileArchivesKernelTest::isCanaryChanged),
        attack(
            "25 a file over a link",
            outside -> new TestTar().symlink("l", outside.resolve("canary") + "").file("l", "dead"),
            HostileArchivesKernelTest::isCanaryChanged),
        attack(
            "29 a folder that became a link",
            outside ->
                new TestTar()
                    .directory("d")
                    .file("d/.wh..wh..opq", "")
                    .symlink("e", "../outside")
                    .file("e/canary", "dead"),
            HostileArchivesKernelTest::isCanaryChanged));
  }

  private static List<Arguments> hardLinks() {
    return List.of(
        attack(
            "26 to a file of the host",
            outside -> new TestTar().link("mine", outside.resolve("canary") + ""),
            HostileArchivesKernelTest::hasCanarysInode),
        attack(
            "26 through a link",
            outside -> new TestTar().symlink("l", "../outside").link("mine", "l/canary"),
            HostileArchivesKernelTest::hasCanarysInode),
        attack(
            "26 with parents",
            outside -> new TestTar().link("mine", "../outside/canary"),
            HostileArchivesKernelTest::hasCanarysInode),
        attack(
            "27 a mode through a hard link to a link",
            outside ->
                new TestTar()
                    .symlink("l", outside.resolve("canary") + "")
                    .mode(0777)
                    .link("x", "l"),
            (outside, _) -> (mode(outside.resolve("canary")) & 0777) == 0777));
  }

  private static List<Arguments> whiteouts() {
    return List.of(
        attack(
            "33 through a link",
            outside -> new TestTar().symlink("l", "../outside").file("l/.wh.canary", ""),
            (outside, _) -> !Files.exists(outside.resolve("canary"))),
        attack(
            "33 of parents",
            outside -> new TestTar().file("../outside/.wh.canary", ""),
            (outside, _) -> !Files.exists(outside.resolve("canary"))),
        attack(
            "33 opaque through a link",
            outside -> new TestTar().symlink("l", "../outside").file("l/.wh..wh..opq", ""),
            (outside, _) -> !Files.exists(outside.resolve("canary"))));
  }

  private static List<Arguments> metadata() {
    return List.of(
        attack(
            "34 a forged whiteout",
            outside -> new TestTar().device('3', "forged", 0, 0),
            (_, layer) -> Files.exists(layer.resolve("forged"))),
        attack(
            "34 forged attributes of overlayfs",
            outside ->
                new TestTar()
                    .pax("SCHILY.xattr.trusted.overlay.redirect", "/../../etc")
                    .file("f", ""),
            (_, layer) ->
                Files.exists(layer)
                    && TreeListing.of(layer, _ -> true).toString().contains("overlay.redirect")),
        attack(
            "41 a name that is not UTF-8",
            outside -> new TestTar().entry('0', new byte[] {'n', (byte) 0xe9}, "", new byte[0]),
            (_, layer) -> !hasName(layer, new byte[] {'n', (byte) 0xe9})));
  }

  private static Arguments attack(String name, Attack attack, Harm harm) {
    return Arguments.of(org.junit.jupiter.api.Named.of(name, attack), harm);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("attacks")
  void anAttackHarmsTheNaiveAndNotUs(Attack attack, Harm harm) throws Exception {
    Path naive = Files.createDirectory(folder.resolve("naive"));
    Path outside = canary(naive);
    Path root = Files.createDirectory(naive.resolve("layer"));
    try {
      new NaiveUnpacker(root).unpack(attack.apply(outside).build());
    } catch (FileSystemException e) {
      assertThat(harm.isDone(outside, root)).as("only failed: " + e).isTrue();
    }
    assertThat(harm.isDone(outside, root)).as("the naive unpacker is harmed").isTrue();
    for (LayerKind kind : LayerKind.values()) {
      Path ours = Files.createDirectory(folder.resolve(kind.name()));
      Path canary = canary(ours);
      try (TestLayers layers = new TestLayers(kind)) {
        Path shown = layers.unpack(attack.apply(canary).build(), ours.resolve("layer"));
        assertThat(harm.isDone(canary, shown)).as(kind + " shows harm").isFalse();
      } catch (ImageException.FailedPrecondition e) {
        assertThat(harm.isDone(canary, ours.resolve("nothing")))
            .as("%s, refused: %s", kind, e.getMessage())
            .isFalse();
      }
      assertThat(canary.resolve("canary")).hasContent(CANARY);
      assertThat(mode(canary.resolve("canary")) & 0777).isEqualTo(0600);
      try (Stream<Path> files = Files.list(canary)) {
        assertThat(files).hasSize(1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anArchiveThatEndsInAFileIsTakenForWholeByTheNaive(LayerKind kind) throws Exception {
    byte[] cut = Arrays.copyOf(new TestTar().file("f", "x".repeat(9000)).build(), 5000);
    Path root = Files.createDirectory(folder.resolve("naive"));
    new NaiveUnpacker(root).unpack(cut);
    assertThat(Files.size(root.resolve("f"))).as("row 40").isBetween(1L, 8999L);
    isRefused(cut, kind);
  }

  @ParameterizedTest
  @EnumSource
  void aHeaderOfGigabytesWouldBeAllocatedByTheNaive(LayerKind kind) throws Exception {
    byte[] tar =
        new TestTar()
            .size(TestTar.octal(4L << 30, 12))
            .entry('x', new byte[] {'a'}, "", new byte[0])
            .build();
    NaiveUnpacker naive = new NaiveUnpacker(Files.createDirectory(folder.resolve("naive")));
    naive.unpack(tar);
    assertThat(naive.largestBuffer()).as("row 13").isEqualTo(4L << 30);
    isRefused(tar, kind);
  }

  @ParameterizedTest
  @EnumSource
  void aBombIsUnpackedWholeByTheNaive(LayerKind kind) throws Exception {
    byte[] tar = new TestTar().file("f", "\0".repeat(20_000_000)).build();
    Path root = Files.createDirectory(folder.resolve("naive"));
    new NaiveUnpacker(root).unpack(tar);
    assertThat(Files.size(root.resolve("f"))).as("row 14").isEqualTo(20_000_000);
    UnpackLimits limits = new UnpackLimits(1 << 20, 100, 10, 1000, 1 << 30, 0);
    Path ours = Files.createDirectory(folder.resolve("ours"));
    assertThatThrownBy(
            () -> TestLayers.make(TestLayers.source(tar), new LayerFolder(ours), limits, kind))
        .isInstanceOf(ImageException.ResourceExhausted.class);
  }

  private void isRefused(byte[] tar, LayerKind kind) throws IOException {
    try (TestLayers layers = new TestLayers(kind)) {
      layers.unpack(tar, folder.resolve("ours"));
    } catch (ImageException.FailedPrecondition e) {
      return;
    }
    throw new AssertionError("not refused");
  }

  private static Path canary(Path parent) throws IOException {
    Path outside = Files.createDirectory(parent.resolve("outside"));
    Files.writeString(outside.resolve("canary"), CANARY);
    Files.setAttribute(outside.resolve("canary"), "unix:mode", 0600);
    return outside;
  }

  private static boolean isCanaryChanged(Path outside, Path layer) throws IOException {
    return !Files.readString(outside.resolve("canary")).equals(CANARY);
  }

  private static boolean hasCanarysInode(Path outside, Path layer) throws IOException {
    return Files.exists(layer.resolve("mine"), LinkOption.NOFOLLOW_LINKS)
        && Files.isSameFile(layer.resolve("mine"), outside.resolve("canary"));
  }

  private static int mode(Path file) throws IOException {
    return (int) Files.getAttribute(file, "unix:mode");
  }

  private static boolean hasName(Path folder, byte[] name) throws IOException {
    List<Byte> printed = new ArrayList<>();
    for (byte b : read("find", folder.toString(), "-mindepth", "1", "-printf", "%f")) {
      printed.add(b);
    }
    List<Byte> wanted = new ArrayList<>();
    for (byte b : name) {
      wanted.add(b);
    }
    return java.util.Collections.indexOfSubList(printed, wanted) >= 0;
  }

  private static byte[] read(String... command) throws IOException {
    Process process = new ProcessBuilder(command).start();
    byte[] bytes = process.getInputStream().readAllBytes();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return bytes;
  }
}
