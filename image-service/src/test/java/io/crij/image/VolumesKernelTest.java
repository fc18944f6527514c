package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.admin.v1.ListArtifactsRequest;
import io.crij.admin.v1.PruneImagesRequest;
import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.naive.NaiveUnpacker;
import io.crij.image.rootfs.Rootfs;
import io.crij.image.tar.TestTar;
import io.crij.image.volume.Volumes;
import io.crij.linux.Fd;
import io.crij.linux.mount.MountTable;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Images and artifacts as volumes. */
@Tag("root")
@ParameterizedClass
@EnumSource(names = {"EROFS", "DIRECTORY"})
@ExtendWith(LeavesNoTrace.class)
final class VolumesKernelTest {
  private static final byte[] BASE =
      new TestTar()
          .directory("data")
          .file("data/base", "base")
          .directory("data/gone")
          .file("data/gone/f", "f")
          .symlink("out", "/../../etc")
          .symlink("link", "/data")
          .symlink("up", "../../../../data/base")
          .build();
  private static final byte[] TOP =
      new TestTar().file("data/top", "top").file("data/.wh.gone", "").build();
  private static final TestImage IMAGE = TestImage.of("", BASE, TOP);
  private static final TestImage SINGLE = TestImage.of("", TOP);
  private static final TestImage ARTIFACT = TestImage.artifact(files());

  private final LayerFormat format;
  private final Path folder;
  private final Path mounts;
  private final LocalRegistry registry;
  private final String image;
  private final String artifact;
  private TestNode node;

  VolumesKernelTest(LayerFormat format, @TempDir Path folder) throws IOException {
    this.format = format;
    this.folder = folder;
    this.mounts = folder.resolve("volumes");
    registry = new LocalRegistry();
    registry.configure(TestNode.hosts(folder));
    registry.add("image", "v1", IMAGE);
    registry.add("single", "v1", SINGLE);
    registry.add("artifact", "v1", ARTIFACT);
    image = registry.name("image", ":v1");
    artifact = registry.name("artifact", ":v1");
    node = new TestNode(folder, format);
  }

  private static Map<String, byte[]> files() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("model.bin", bytes("weights"));
    files.put("./docs//readme.txt", bytes("read me"));
    files.put("", bytes("a layer without a name"));
    return files;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @AfterEach
  void nothingStaysMounted() {
    node.images().volumes().remove("c1", mounts);
    assertThat(MountTable.read().below(folder)).isEmpty();
    assertThat(mounts).doesNotExist();
    node.close();
    registry.close();
  }

  /** What belongs to root in the image belongs to the namespace's root. */
  @Test
  void ownersAreMappedForAUserNamespace() throws Exception {
    node.pull(image);
    node.pull(artifact);
    Process process =
        new ProcessBuilder("unshare", "-U", "sh", "-c", "echo; exec sleep 600").start();
    try {
      assertThat(process.getInputStream().read()).isEqualTo('\n');
      Path proc = Path.of("/proc/" + process.pid());
      Files.writeString(proc.resolve("uid_map"), "0 200000 65536");
      Files.writeString(proc.resolve("gid_map"), "0 300000 65536");
      try (Fd namespace = Fd.open(proc.resolve("ns/user").toString(), Fd.O_RDONLY, 0)) {
        List<Volumes.Request> requests =
            List.of(
                new Volumes.Request("c1", mounts, 0, image, "data/base"),
                new Volumes.Request("c1", mounts, 1, image, "data"),
                new Volumes.Request("c1", mounts, 2, artifact, ""));
        for (Volumes.Request request : requests) {
          Path shown = node.images().volumes().mount(request, new Rootfs.View(namespace, ""));
          assertThat(Files.getAttribute(shown, "unix:uid")).isEqualTo(200_000);
          assertThat(Files.getAttribute(shown, "unix:gid")).isEqualTo(300_000);
          assertThat(optionsAt(shown)).contains("ro", "nosuid", "nodev", "noexec");
        }
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(folder.resolve("run/mapped")).isEmptyDirectory();
  }

  @Test
  void allOfAnImageIsShownReadOnly() {
    node.pull(image);
    Path shown = mount(image, "");
    assertThat(shown.resolve("data/base")).hasContent("base");
    assertThat(shown.resolve("data/top")).hasContent("top");
    assertThat(shown.resolve("data/gone")).doesNotExist();
    assertThatThrownBy(() -> Files.writeString(shown.resolve("new"), "x"))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("Read-only");
    assertThat(optionsAt(shown)).contains("ro", "nosuid", "nodev", "noexec");
    assertThat(shown.resolve("link")).isSymbolicLink();
  }

  @Test
  void devicesOfAnImageAreNone() throws IOException {
    byte[] archive = new TestTar().device('3', "zero", 1, 5).build();
    Path naive = Files.createDirectory(folder.resolve("naive"));
    new NaiveUnpacker(naive).unpack(archive);
    assertThat(readOne(naive.resolve("zero"))).as("the host's /dev/zero").isZero();
    registry.add("device", "v1", TestImage.of("", archive));
    node.pull(registry.name("device", ":v1"));
    Path shown = mount(registry.name("device", ":v1"), "");
    assertThat(shown.resolve("zero")).exists();
    assertThatThrownBy(() -> readOne(shown.resolve("zero")))
        .isInstanceOf(AccessDeniedException.class);
  }

  private static int readOne(Path device) throws IOException {
    try (InputStream in = Files.newInputStream(device)) {
      return in.read();
    }
  }

  @Test
  void whiteoutsOfASingleLayerAreNotShown() {
    node.pull(registry.name("single", ":v1"));
    Path shown = mount(registry.name("single", ":v1"), "");
    assertThat(shown.resolve("data/gone")).doesNotExist();
    assertThat(shown.resolve("data/top")).hasContent("top");
  }

  @Test
  void aPartOfAnImageIsFoundBelowItWhateverItsLinksSay() throws IOException {
    node.pull(image);
    Files.writeString(folder.resolve("outside"), "outside");
    assertThat(mount(image, "data").resolve("base")).hasContent("base");
    assertThat(mount(image, "./data/").resolve("base")).hasContent("base");
    assertThat(mount(image, "link").resolve("base")).hasContent("base");
    assertThat(mount(image, "data/base")).as("a file").hasContent("base");
    assertThat(mount(image, "up")).as("as a container would follow it").hasContent("base");
    assertThat(optionsAt(mount(image, "data"))).contains("ro", "nosuid", "nodev", "noexec");
    for (String missing : List.of("nothing", "data/base/below", "data/gone", "out")) {
      assertThatThrownBy(() -> mount(image, missing))
          .as(missing)
          .isInstanceOf(ImageException.NotFound.class)
          .hasMessageContaining(missing);
    }
    for (String wrong : List.of("/data", "../data", "data/../..", "a\0b")) {
      assertThatThrownBy(() -> mount(image, wrong))
          .as(wrong)
          .isInstanceOf(ImageException.InvalidArgument.class);
    }
  }

  @Test
  void anImageOfAVolumeStaysUntilTheContainerGoes() throws IOException {
    node.pull(image);
    mount(image, "data");
    for (String name : List.of(image, IMAGE.id().hex())) {
      assertThatThrownBy(() -> node.remove(name))
          .isInstanceOf(ImageException.FailedPrecondition.class)
          .hasMessageContaining("in use by c1");
    }
    assertThat(node.prune(PruneImagesRequest.newBuilder()).getImagesList()).isEmpty();
    node.close();
    node = new TestNode(folder, format);
    assertThatThrownBy(() -> node.remove(image))
        .isInstanceOf(ImageException.FailedPrecondition.class);
    node.images().volumes().remove("c1", mounts);
    node.remove(image);
    assertThat(node.list("")).isEmpty();
    assertThatThrownBy(() -> mount(image, "")).isInstanceOf(ImageException.NotFound.class);
  }

  @Test
  void anArtifactIsAnImageToTheCriAndItsFilesHaveTheirNames() throws IOException {
    String id = node.pull(artifact);
    assertThat(id).isEqualTo(ARTIFACT.manifestDigest().hex());
    io.crij.cri.v1.Image listed = node.status(artifact);
    assertThat(listed.getId()).isEqualTo(id);
    assertThat(listed.getRepoTagsList()).containsExactly(artifact);
    assertThat(listed.getSize()).isPositive();
    assertThat(node.list("")).hasSize(1);
    assertThat(node.has(id.substring(0, 12))).isTrue();
    assertThat(
            node.images()
                .admin()
                .listArtifacts(ListArtifactsRequest.getDefaultInstance())
                .getArtifacts(0)
                .getFilesList())
        .containsExactly("docs/readme.txt", "model.bin");
    Path shown = mount(artifact, "");
    assertThat(shown.resolve("model.bin")).hasContent("weights");
    assertThat(shown.resolve("docs/readme.txt")).hasContent("read me");
    assertThat(Files.getAttribute(shown.resolve("model.bin"), "unix:mode")).isEqualTo(0100444);
    assertThat(optionsAt(shown)).contains("ro", "nosuid", "nodev", "noexec");
    assertThat(mount(artifact, "docs").resolve("readme.txt")).hasContent("read me");
    assertThat(mount(artifact, "model.bin")).hasContent("weights");
    assertThatThrownBy(() -> node.images().find(artifact))
        .isInstanceOf(ImageException.FailedPrecondition.class);
    assertThatThrownBy(() -> node.remove(artifact)).hasMessageContaining("in use by c1");
    assertThat(node.check(false)).isEmpty();
    node.images().volumes().remove("c1", mounts);
    node.remove(artifact);
    assertThat(node.files("artifacts")).isEmpty();
    assertThat(node.files("content/blobs/sha256")).isEmpty();
  }

  @Test
  void aDamagedFileOfAnArtifactIsFetchedAlone() throws IOException {
    node.pull(artifact);
    Path blob = node.root().resolve("content/blobs/sha256").resolve(ARTIFACT.layer(0).hex());
    Files.setPosixFilePermissions(
        blob, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
    Files.writeString(blob, "other");
    assertThat(node.check(true)).hasSize(1).allMatch(finding -> finding.getRepaired());
    assertThat(mount(artifact, "model.bin")).hasContent("weights");
    assertThat(registry.requests(LocalRegistry.blobPath("artifact", ARTIFACT.layer(0))))
        .isEqualTo(2);
    assertThat(registry.requests(LocalRegistry.blobPath("artifact", ARTIFACT.layer(1))))
        .isEqualTo(1);
  }

  @Test
  void namesThatLeadOutOfAnArtifactAreRefused() throws IOException {
    int number = 0;
    for (String title :
        List.of(
            "../x",
            "/etc/passwd",
            "a/../../x",
            "..",
            "a/..",
            "/",
            ".",
            "x\\u0000y",
            "x".repeat(256))) {
      String tag = "v" + number++;
      registry.add("hostile", tag, TestImage.artifact(Map.of(title, bytes(tag))));
      assertThatThrownBy(() -> node.pull(registry.name("hostile", ":" + tag)))
          .as(title)
          .isInstanceOf(ImageException.FailedPrecondition.class);
    }
    registry.add(
        "hostile", "below", TestImage.artifact(Map.of("a", bytes("1"), "a/b", bytes("2"))));
    assertThatThrownBy(() -> node.pull(registry.name("hostile", ":below")))
        .isInstanceOf(ImageException.FailedPrecondition.class);
    assertThat(node.list("")).isEmpty();
    assertThat(node.files("artifacts")).isEmpty();
  }

  private Path mount(String name, String subPath) {
    node.images().volumes().remove("c1", mounts);
    return node.images().volumes().mount(new Volumes.Request("c1", mounts, 3, name, subPath));
  }

  private static List<String> optionsAt(Path path) {
    return MountTable.read().entries().stream()
        .filter(entry -> entry.mountPoint().equals(path.toString()))
        .flatMap(entry -> entry.options().stream())
        .toList();
  }
}
