package io.crij.image.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import io.crij.image.LayerKind;
import io.crij.image.tar.TestTar;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
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

/**
 * Archives that try to reach files outside of their layer. Whatever comes of one inside, nothing
 * beside it changes.
 */
@Tag("root")
@ParameterizedClass
@EnumSource
@ExtendWith(LeavesNoTrace.class)
final class BreakoutKernelTest {
  private static final String UP = "../".repeat(12);
  private static final String IN = "in the layer";

  private final TestLayers layers;
  private final Path folder;
  private final Path outside;
  private final SortedMap<String, String> before;

  BreakoutKernelTest(LayerKind kind, @TempDir Path folder) throws IOException {
    this.layers = new TestLayers(kind);
    this.folder = folder;
    this.outside = Files.createDirectory(folder.resolve("outside"));
    Files.writeString(outside.resolve("canary"), "alive");
    Files.createDirectory(outside.resolve("dir"));
    Files.writeString(outside.resolve("dir/canary"), "alive too");
    before = TreeListing.of(outside, _ -> true);
  }

  @AfterEach
  void canariesAreAsTheyWere() throws IOException {
    layers.close();
    assertThat(TreeListing.of(outside, _ -> true)).isEqualTo(before);
    assertThat(Path.of("/crij-breakout")).doesNotExist();
    assertThat(Path.of("/tmp/crij-breakout")).doesNotExist();
  }

  /** Archives, and a file that must then be in the layer with that content. */
  static Stream<Arguments> landInside() {
    return Stream.of(names(), links(), hardLinks(), replaced()).flatMap(s -> s);
  }

  private static Stream<Arguments> names() {
    return Stream.of(
        land("parents in a name", tar().file(UP + "tmp/crij-breakout", IN), "tmp/crij-breakout"),
        land("absolute name", tar().file("/tmp/crij-breakout", IN), "tmp/crij-breakout"),
        land("parents inside", tar().file("a/../../crij-breakout", IN), "crij-breakout"),
        land("dot and parents", tar().file("./../crij-breakout", IN), "crij-breakout"));
  }

  private static Stream<Arguments> links() {
    return Stream.of(
        land(
            "link to the root",
            tar().symlink("foo", "/").file("foo/tmp/crij-breakout", IN),
            "tmp/crij-breakout"),
        land(
            "absolute link",
            tar().directory("etc").symlink("localetc", "/etc").file("localetc/x", IN),
            "etc/x"),
        land(
            "link up and out",
            tar().directory("etc").directory("dummy").symlink("l", "/dummy/../etc").file("l/x", IN),
            "etc/x"),
        land(
            "link of links",
            tar()
                .directory("etc")
                .directory("dummy")
                .symlink("dummy/etc", "/etc")
                .symlink("l", "./dummy/etc")
                .file("l/x", IN),
            "etc/x"),
        land(
            "link far up",
            tar().directory("etc").symlink("l", UP + "etc").file("l/x", IN),
            "etc/x"),
        land(
            "link emptied through another",
            tar().file("etc/x", "other").symlink("l", "/etc").file("l/x", IN),
            "etc/x"));
  }

  private static Stream<Arguments> hardLinks() {
    return Stream.of(
        land(
            "hard link through a link far up",
            tar().file("etc/passwd", IN).symlink("b/d", UP + "etc").link("b/mine", "/b/d/passwd"),
            "b/mine"),
        land(
            "hard link down and out",
            tar()
                .file("etc/passwd", IN)
                .directory("down")
                .symlink("b/d", "../down/../../etc")
                .link("b/mine", "b/d/passwd"),
            "b/mine"),
        land(
            "hard link with parents",
            tar().file("etc/passwd", IN).link("mine", UP + "etc/passwd"),
            "mine"),
        land(
            "hard link, absolute",
            tar().file("etc/passwd", IN).link("mine", "/etc/passwd"),
            "mine"),
        land(
            "link named as the parent",
            tar().file("etc/passwd", IN).symlink("..", "/etc/").link("mine", "/etc/passwd"),
            "mine"),
        land(
            "link without a name",
            tar().file("etc/passwd", IN).symlink("", "/etc/").link("mine", "/etc/passwd"),
            "mine"),
        land(
            "link named sub/..",
            tar().file("etc/p", IN).symlink("l/sub/..", "/etc/").link("l/mine", "/etc/p"),
            "etc/mine"));
  }

  private static Stream<Arguments> replaced() {
    return Stream.of(
        land(
            "folder over a link",
            tar().file("etc/x", "other").symlink("l", "etc").directory("l/").file("l/x", IN),
            "l/x"),
        land(
            "link over a folder",
            tar().directory("etc").directory("l").symlink("l", "/etc").file("l/x", IN),
            "etc/x"),
        land("file over a folder with files", tar().file("d/sub/x", "other").file("d", IN), "d"),
        land(
            "file over a link of its name",
            tar().symlink("x", "/tmp/crij-breakout").file("x", IN),
            "x"),
        land("whiteout in a name's middle", tar().file(".wh.etc/x", IN), ".wh.etc/x"),
        land(
            "whiteout through a dangling link",
            tar().file("etc/x", IN).symlink("l", "/dne").file("l/.wh.etc", ""),
            "etc/x"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void landInside(byte[] archive, String file) throws Exception {
    Path diff = layers.unpack(archive, folder.resolve("layer"));
    assertThat(diff.resolve(file)).hasContent(IN);
    assertThat(Files.isSymbolicLink(diff.resolve(file))).isFalse();
  }

  @Test
  void linksWithAbsoluteTargetsToCanariesAreNotFollowed() throws Exception {
    String canary = outside.resolve("canary").toString();
    Path diff =
        layers.unpack(
            tar()
                .symlink("x", canary)
                .link("hard", "x")
                .mode(0777)
                .modified(5)
                .symlink("x", canary)
                .file("hard", IN)
                .symlink("dir", outside.resolve("dir").toString())
                .file("dir/canary", IN)
                .file("dir/.wh.canary", "")
                .file("dir/.wh..wh..opq", "")
                .build(),
            folder.resolve("layer"));
    assertThat(diff.resolve("hard")).hasContent(IN);
    // The link was followed, with the layer for its root.
    assertThat(Path.of(diff + outside.resolve("dir").toString()).resolve("canary")).hasContent(IN);
  }

  @Test
  void aHardLinkToALinkIsOneToTheLinkItself() throws Exception {
    Path diff =
        layers.unpack(
            tar()
                .directory("etc")
                .symlink("l", "/etc/passwd")
                .link("dup", "l")
                .file("etc/passwd", "after")
                .build(),
            folder.resolve("layer"));
    assertThat(Files.readSymbolicLink(diff.resolve("dup"))).hasToString("/etc/passwd");
    assertThat(Files.getAttribute(diff.resolve("dup"), "unix:ino", LinkOption.NOFOLLOW_LINKS))
        .isEqualTo(Files.getAttribute(diff.resolve("l"), "unix:ino", LinkOption.NOFOLLOW_LINKS));
  }

  static Stream<Arguments> areRefused() {
    return Stream.of(
        refuse("hard link to a host file", tar().link("mine", "/etc/passwd")),
        refuse("hard link to the root", tar().link("mine", "/")),
        refuse("hard link to a folder", tar().directory("d").link("mine", "d")),
        refuse("hard link through a magic link", tar().link("mine", "/proc/self/root/etc/passwd")),
        refuse("whiteout of nothing", tar().file(".wh.", "")),
        refuse("whiteout of the root", tar().file(".wh..", "")),
        refuse("whiteout of the root's parent", tar().file(".wh...", "")),
        refuse("whiteout of a folder", tar().file("etc/x", "").file("etc/.wh..", "")),
        refuse("whiteout of a parent", tar().file("etc/x", "").file("etc/.wh...", "")),
        refuse("file as a folder", tar().file("x", "").file("x/y", "")),
        refuse("loop of links", tar().symlink("a", "b").symlink("b", "a").file("a/x", "")),
        refuse("name of 256 bytes", tar().pax("path", "n".repeat(256)).file("x", "")),
        refuse(
            "attribute of 70 000 bytes",
            tar().pax("SCHILY.xattr.user.x", "v".repeat(70_000)).file("x", "")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void areRefused(byte[] archive) {
    assertThatThrownBy(() -> layers.unpack(archive, folder.resolve("layer")))
        .isInstanceOf(ImageException.FailedPrecondition.class);
  }

  @Test
  void whatIsOverlayfssOwnIsDropped() throws Exception {
    Path diff =
        layers.unpack(
            tar()
                .pax("SCHILY.xattr.trusted.overlay.redirect", "/../../etc")
                .pax("SCHILY.xattr.trusted.overlay.opaque", "y")
                .pax("SCHILY.xattr.user.overlay.opaque", "y")
                .pax("SCHILY.xattr.security.selinux", "unconfined_u:object_r:default_t:s0")
                .pax("SCHILY.xattr.user.kept", "v")
                .directory("d")
                .device('3', "forged", 0, 0)
                .device('3', "null", 1, 3)
                .build(),
            folder.resolve("layer"));
    Map<String, String> lines = TreeListing.of(diff, _ -> true);
    assertThat(lines.get("/d")).endsWith(" user.kept=dg==").doesNotContain("overlay", "selinux");
    assertThat(lines).doesNotContainKey("/forged").containsKey("/null");
  }

  @Test
  void namesKeepTheirBytes() throws Exception {
    byte[] name = {'l', 'a', 't', (byte) 0xe9, 'n', '\n'};
    Path diff =
        layers.unpack(
            tar().entry('0', name, "", IN.getBytes(StandardCharsets.UTF_8)).build(),
            folder.resolve("layer"));
    assertThat(TreeListing.of(diff, _ -> true)).containsKey("/lat\\xe9n\\x0a");
  }

  @Test
  void extremesOfTimesAreClampedByTheFileSystem() throws Exception {
    Path diff =
        layers.unpack(
            tar().pax("mtime", "1000000000000000").file("x", IN).mode(07777).file("y", "").build(),
            folder.resolve("layer"));
    assertThat(Files.getLastModifiedTime(diff.resolve("x")).toMillis()).isPositive();
    assertThat(Files.getAttribute(diff.resolve("y"), "unix:mode")).isEqualTo(0107777);
  }

  private static TestTar tar() {
    return new TestTar();
  }

  private static Arguments land(String name, TestTar tar, String file) {
    return Arguments.of(Named.of(name, tar.build()), file);
  }

  private static Arguments refuse(String name, TestTar tar) {
    return Arguments.of(Named.of(name, tar.build()));
  }
}
