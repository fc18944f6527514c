package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.admin.v1.ExportImagesRequest;
import io.crij.admin.v1.ExportImagesRequest.Form;
import io.crij.admin.v1.ImageHistoryRequest;
import io.crij.admin.v1.TagImageRequest;
import io.crij.cri.v1.Image;
import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import io.crij.image.tar.TestTar;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Images that leave a node and come to another; skopeo is the judge of their form. */
@Tag("root")
@ParameterizedClass
@EnumSource(names = {"EROFS", "DIRECTORY"})
@ExtendWith(LeavesNoTrace.class)
final class ExportKernelTest {
  private static final byte[] BASE =
      new TestTar()
          .directory("etc")
          .file("etc/base", "x".repeat(100_000))
          .symlink("link", "etc")
          .link("hard", "etc/base")
          .pax("SCHILY.xattr.user.kept", "v")
          .file("attributed", "a")
          .build();
  private static final byte[] TOP =
      new TestTar().file("top", "top").file("etc/.wh.base", "").build();
  private static final TestImage APP = TestImage.of("1000", BASE, TOP);
  private static final TestImage OTHER = TestImage.of("", BASE);
  private static final TestImage ARTIFACT =
      TestImage.artifact(Map.of("a.txt", "artifact".getBytes(StandardCharsets.UTF_8)));

  private final Path folder;
  private final LocalRegistry registry;
  private final String app;
  private final String other;
  private final TestNode node;
  private final TestNode second;

  ExportKernelTest(LayerFormat format, @TempDir Path folder) throws IOException {
    this.folder = folder;
    registry = new LocalRegistry();
    Path first = Files.createDirectory(folder.resolve("first"));
    registry.configure(TestNode.hosts(first));
    registry.add("app", "v1", APP);
    registry.add("other", "v1", OTHER);
    registry.add("artifact", "v1", ARTIFACT);
    app = registry.name("app", ":v1");
    other = registry.name("other", ":v1");
    node = new TestNode(first, format);
    second = new TestNode(Files.createDirectory(folder.resolve("second")));
    node.pull(app);
    node.pull(other);
  }

  @AfterEach
  void close() {
    second.close();
    node.close();
    registry.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"FORM_OCI_ARCHIVE", "FORM_OCI_FOLDER", "FORM_DOCKER_ARCHIVE"})
  void severalImagesComeBackAsTheyWere(Form form) throws IOException {
    Path target = export(form, app, OTHER.id().hex());
    List<Image> images = second.images().importImages(target, "");
    assertThat(images).extracting(Image::getId).containsExactly(APP.id().hex(), OTHER.id().hex());
    assertThat(images.getFirst().getRepoTagsList()).containsExactly(app);
    assertThat(images.get(1).getRepoTagsList()).containsExactly(other);
    assertThat(second.check(false)).isEmpty();
    Path layer = second.root().resolve("layers").resolve(Digest.sha256(BASE).hex());
    assertThat(layer).isDirectory();
    assertThat(second.files("content/ingest")).isEmpty();
    assertThatThrownBy(() -> export(form, app)).isInstanceOf(ImageException.AlreadyExists.class);
  }

  @Test
  void layersAreCompressedAndWhatComesBackIsExportedToTheSameBytes() throws IOException {
    Path layout = export(Form.FORM_OCI_FOLDER, app);
    String index = Files.readString(layout.resolve("index.json"));
    second.images().importImages(layout, "");
    String manifest =
        new String(
            Files.readAllBytes(
                layout.resolve("blobs/sha256").resolve(digests(index).getFirst().hex())),
            StandardCharsets.UTF_8);
    List<Digest> blobs = digests(manifest);
    for (Digest layer : blobs.subList(1, 3)) {
      byte[] bytes = Files.readAllBytes(layout.resolve("blobs/sha256").resolve(layer.hex()));
      assertThat(bytes).startsWith(0x1f, 0x8b);
      assertThat(bytes.length).isLessThan(3000);
      assertThat(Digest.sha256(bytes)).isEqualTo(layer);
    }
    assertThat(manifest).contains(MediaType.OCI_LAYER_GZIP);
    assertThat(node.files("content/ingest")).isEmpty();
    Path again = folder.resolve("again");
    second
        .images()
        .admin()
        .exportImages(
            ExportImagesRequest.newBuilder().setForm(Form.FORM_OCI_FOLDER).addImages(app).build(),
            again);
    assertThat(again.resolve("index.json")).hasContent(index);
  }

  private static List<Digest> digests(String document) {
    return Pattern.compile("sha256:[0-9a-f]{64}")
        .matcher(document)
        .results()
        .map(found -> Digest.parse(found.group()))
        .toList();
  }

  @Test
  void archivesThatHaveAPathTwiceComeBackAsTheyWere() throws IOException {
    byte[] twice =
        new TestTar()
            .file("a", "first")
            .file("a", "second")
            .symlink("l", "d")
            .directory("d")
            .file("l/f", "through a link")
            .build();
    TestImage image = TestImage.of("", twice);
    registry.add("twice", "v1", image);
    String name = registry.name("twice", ":v1");
    node.pull(name);
    second.images().importImages(export(Form.FORM_OCI_ARCHIVE, name), "");
    assertThat(second.status(name).getId()).isEqualTo(image.id().hex());
    assertThat(second.files("layers")).containsExactly(Digest.sha256(twice).hex());
    assertThat(node.check(false)).isEmpty();
    assertThat(second.check(false)).isEmpty();
  }

  @Test
  void skopeoReadsWhatIsExported() throws Exception {
    Path oci = export(Form.FORM_OCI_ARCHIVE, app);
    Path docker = export(Form.FORM_DOCKER_ARCHIVE, app);
    Path layout = export(Form.FORM_OCI_FOLDER, app);
    for (String source :
        List.of("oci-archive:" + oci, "docker-archive:" + docker, "oci:" + layout)) {
      assertThat(skopeo("inspect", "--config", source)).contains(Digest.sha256(BASE).toString());
      skopeo("copy", source, "dir:" + folder.resolve("copy-" + source.length()));
    }
  }

  @Test
  void whatSkopeoWritesIsRead() throws Exception {
    Path layout = folder.resolve("layout");
    APP.writeLayout(layout, "\"org.opencontainers.image.ref.name\":\"v1\"");
    Path docker = folder.resolve("docker.tar");
    skopeo("copy", "oci:" + layout + ":v1", "docker-archive:" + docker + ":example.com/app:v2");
    List<Image> images = second.images().importImages(docker, "");
    assertThat(images).hasSize(1);
    assertThat(images.getFirst().getRepoTagsList()).containsExactly("example.com/app:v2");
    assertThat(second.files("layers"))
        .containsExactlyInAnyOrder(Digest.sha256(BASE).hex(), Digest.sha256(TOP).hex());
    Path zipped = folder.resolve("docker.tar.gz");
    try (var out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      Files.copy(docker, out);
    }
    assertThat(second.images().importImage(zipped, "example.com/named:v1").repoTags())
        .contains("example.com/named:v1");
  }

  @Test
  void anArtifactComesBackAsItWas() throws IOException {
    String artifact = registry.name("artifact", ":v1");
    node.pull(artifact);
    Path target = export(Form.FORM_OCI_ARCHIVE, artifact);
    second.images().importImages(target, "");
    assertThat(second.status(artifact).getId()).isEqualTo(ARTIFACT.manifestDigest().hex());
    assertThatThrownBy(() -> export(Form.FORM_DOCKER_ARCHIVE, artifact))
        .isInstanceOf(ImageException.FailedPrecondition.class);
  }

  @Test
  void whatIsDamagedDoesNotLeave() throws IOException {
    node.flip(BASE, "etc/base");
    assertThatThrownBy(() -> export(Form.FORM_OCI_ARCHIVE, app))
        .isInstanceOf(ImageException.FailedPrecondition.class)
        .hasMessageContaining("damaged");
    assertThat(folder.resolve("FORM_OCI_ARCHIVE")).doesNotExist();
    try (var left = Files.list(folder)) {
      assertThat(left.map(path -> path.getFileName().toString())).noneMatch(n -> n.startsWith("."));
    }
    assertThat(node.check(true)).hasSize(1).allMatch(finding -> finding.getRepaired());
    export(Form.FORM_OCI_ARCHIVE, app);
  }

  @Test
  void aTagIsGivenAndTakenFromAnotherImage() {
    tag(OTHER.id().hex(), "example.com/new");
    assertThat(node.status("example.com/new:latest").getId()).isEqualTo(OTHER.id().hex());
    tag(app, other);
    assertThat(node.status(app).getRepoTagsList()).containsExactly(app, other);
    assertThat(node.status(OTHER.id().hex()).getRepoTagsList())
        .containsExactly("example.com/new:latest");
    assertThatThrownBy(() -> tag("example.com/none:v1", "example.com/x"))
        .isInstanceOf(ImageException.NotFound.class);
    assertThatThrownBy(() -> tag(app, "example.com/x@" + APP.manifestDigest()))
        .isInstanceOf(ImageException.InvalidArgument.class);
  }

  @Test
  void theHistoryHasAStepForEachLayer() {
    var steps =
        node.images()
            .admin()
            .imageHistory(ImageHistoryRequest.newBuilder().setImage(app).build())
            .getStepsList();
    assertThat(steps).hasSize(2);
    assertThat(steps.getFirst().getSizeBytes()).isEqualTo(BASE.length);
    assertThat(steps.get(1).getDiffId()).isEqualTo(Digest.sha256(TOP).toString());
  }

  private void tag(String image, String tag) {
    node.images()
        .admin()
        .tagImage(TagImageRequest.newBuilder().setImage(image).setTag(tag).build());
  }

  private Path export(Form form, String... images) {
    Path target = folder.resolve(form.name());
    node.images()
        .admin()
        .exportImages(
            ExportImagesRequest.newBuilder()
                .setPath(target.toString())
                .setForm(form)
                .addAllImages(List.of(images))
                .build(),
            target);
    return target;
  }

  private static String skopeo(String... arguments) throws Exception {
    List<String> command = new java.util.ArrayList<>(List.of("skopeo", "--insecure-policy"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
