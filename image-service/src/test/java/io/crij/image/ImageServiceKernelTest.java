package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.crij.cri.v1.ImageFsInfoRequest;
import io.crij.cri.v1.ImageFsInfoResponse;
import io.crij.cri.v1.ImageStatusRequest;
import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import io.crij.image.records.Image;
import io.crij.image.tar.TestTar;
import io.crij.linux.testing.Eventually;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
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

/** The verbs on whole images, against a registry. */
@Tag("root")
@ParameterizedClass
@EnumSource(names = {"EROFS", "DIRECTORY"})
@ExtendWith(LeavesNoTrace.class)
final class ImageServiceKernelTest {
  private static final byte[] BASE =
      new TestTar().directory("etc").file("etc/base", "base").build();
  private static final byte[] TOP = new TestTar().directory("bin").file("bin/app", "app").build();
  private static final TestImage APP = TestImage.of("1000:1000", BASE, TOP);
  private static final TestImage OTHER = TestImage.of("daemon", BASE);

  private final LocalRegistry registry;
  private final TestNode node;

  ImageServiceKernelTest(LayerFormat format, @TempDir Path folder) throws IOException {
    registry = new LocalRegistry();
    registry.configure(TestNode.hosts(folder));
    registry.add("team/app", "v1", APP);
    registry.add("team/other", "latest", OTHER);
    node = new TestNode(folder, format);
  }

  @AfterEach
  void close() {
    node.close();
    registry.close();
  }

  @Test
  void aPulledImageIsKnownByAllItsNames() {
    String name = registry.name("team/app", ":v1");
    String id = node.pull(name);
    assertThat(id).isEqualTo(APP.id().hex());
    io.crij.cri.v1.Image image = node.status(name);
    assertThat(image.getId()).isEqualTo(id);
    assertThat(image.getRepoTagsList()).containsExactly(name);
    String repoDigest = registry.name("team/app", "@" + APP.manifestDigest());
    assertThat(image.getRepoDigestsList()).containsExactly(repoDigest);
    assertThat(image.getUid().getValue()).isEqualTo(1000);
    assertThat(image.getUsername()).isEmpty();
    assertThat(image.getSize()).isGreaterThan(BASE.length + TOP.length);
    String hex = APP.id().hex();
    for (String other :
        List.of(id, hex, hex.substring(0, 12), "sha256:" + hex.substring(0, 5), repoDigest)) {
      assertThat(node.status(other)).as(other).isEqualTo(image);
      assertThat(node.list(other)).as(other).containsExactly(image);
    }
    assertThat(node.list("")).containsExactly(image);
    assertThat(node.has(registry.name("team/app", ":v2"))).isFalse();
    assertThat(node.has("sha256:" + "0".repeat(64))).isFalse();
    assertThat(node.list("fff")).isEmpty();
  }

  @Test
  void otherToolsSoonSeeWhatIsPulledAndRemoved() {
    String name = registry.name("team/app", ":v1");
    Path index = node.root().resolve("content/index.json");
    node.pull(name);
    Eventually.await("listed for others", () -> Files.readString(index).contains(name));
    node.remove(name);
    Eventually.await("listed no more", () -> !Files.readString(index).contains(name));
  }

  @Test
  void anImageWithoutTagHasTheTagLatestAndAUserName() {
    node.pull(registry.name("team/other", ""));
    io.crij.cri.v1.Image image = node.status(registry.name("team/other", ""));
    assertThat(image.getRepoTagsList()).containsExactly(registry.name("team/other", ":latest"));
    assertThat(image.getUsername()).isEqualTo("daemon");
    assertThat(image.hasUid()).isFalse();
  }

  @Test
  void anImagePulledByDigestHasNoTag() {
    String name = registry.name("team/app", "@" + APP.manifestDigest());
    node.pull(name);
    assertThat(node.status(name).getRepoTagsList()).isEmpty();
    assertThat(node.status(name).getRepoDigestsList()).containsExactly(name);
    node.remove(name);
    assertThat(node.list("")).isEmpty();
  }

  @Test
  void theFacadeGivesConfigurationAndLayers() {
    String name = registry.name("team/app", ":v1");
    node.pull(name);
    Image image = node.images().find(name);
    assertThat(image).isNotNull();
    assertThat(image.config().user()).isEqualTo("1000:1000");
    assertThat(image.config().env()).containsExactly("A=b");
    assertThat(image.diffIds()).containsExactly(Digest.sha256(BASE), Digest.sha256(TOP));
    assertThat(node.images().find("nothing/here")).isNull();
    assertThat(
            node.images()
                .imageStatus(
                    ImageStatusRequest.newBuilder()
                        .setImage(TestNode.spec(name))
                        .setVerbose(true)
                        .build())
                .getInfoOrThrow("info"))
        .startsWith("{\"imageSpec\":{\"architecture\":\"amd64\"")
        .endsWith("}}");
  }

  @Test
  void theStatusShowsAnnotationsOfTheManifestAndLabels() {
    TestImage described =
        TestImage.described(
            "\"Labels\":{\"tier\":\"web\"}", ",\"annotations\":{\"a.b/c\":\"d\"}", BASE);
    registry.add("team/described", "v1", described);
    String name = registry.name("team/described", ":v1");
    node.pull(name);
    assertThat(node.status(name).getSpec().getAnnotationsMap())
        .containsExactly(entry("a.b/c", "d"));
    assertThat(
            node.images()
                .imageStatus(
                    ImageStatusRequest.newBuilder()
                        .setImage(TestNode.spec(name))
                        .setVerbose(true)
                        .build())
                .getInfoOrThrow("info"))
        .startsWith("{\"labels\":{\"tier\":\"web\"},\"imageSpec\":{");
  }

  @Test
  void anIdThatBeginsSeveralIsRefused() {
    Map<String, String> names = new HashMap<>();
    String shared = "";
    for (int i = 0; shared.isEmpty(); i++) {
      TestImage image = TestImage.of("user-" + i, BASE);
      String start = image.id().hex().substring(0, 3);
      String first = names.put(start, "team/n" + i);
      if (first != null) {
        registry.add("team/n" + i, "v1", image);
        registry.add(first, "v1", TestImage.of("user-" + first.substring(6), BASE));
        node.pull(registry.name("team/n" + i, ":v1"));
        node.pull(registry.name(first, ":v1"));
        shared = start;
      }
    }
    String ambiguous = shared;
    assertThatThrownBy(() -> node.has(ambiguous))
        .isInstanceOf(ImageException.InvalidArgument.class)
        .hasMessageContaining(ambiguous);
    assertThatThrownBy(() -> node.remove(ambiguous))
        .isInstanceOf(ImageException.InvalidArgument.class);
    assertThat(node.list("")).hasSize(2);
  }

  @Test
  void anIndexLeadsToTheImageOfThisPlatform() {
    Map<TestImage, String> images = new LinkedHashMap<>();
    images.put(OTHER, TestImage.platform("s390x"));
    images.put(APP, TestImage.platform("amd64"));
    byte[] index = TestImage.index(images);
    registry.manifest("team/app", "multi", MediaType.OCI_INDEX, index);
    assertThat(node.pull(registry.name("team/app", ":multi"))).isEqualTo(APP.id().hex());
    assertThat(node.status(APP.id().toString()).getRepoDigestsList())
        .as("by the index, and by its own")
        .containsExactlyInAnyOrder(
            registry.name("team/app", "@" + Digest.sha256(index)),
            registry.name("team/app", "@" + APP.manifestDigest()));
    for (String name : node.status(APP.id().hex()).getRepoDigestsList()) {
      assertThat(node.has(name)).as(name).isTrue();
    }
    assertThat(node.has(registry.name("team/other", "@" + APP.manifestDigest()))).isFalse();

    byte[] foreign = TestImage.index(Map.of(OTHER, TestImage.platform("s390x")));
    registry.manifest("team/app", "foreign", MediaType.OCI_INDEX, foreign);
    assertThatThrownBy(() -> node.pull(registry.name("team/app", ":foreign")))
        .isInstanceOf(ImageException.NotFound.class)
        .hasMessageContaining("linux/amd64");
  }

  @Test
  void removingANameLeavesTheImageToItsOtherNames() throws IOException {
    registry.add("team/app", "v2", APP);
    String first = registry.name("team/app", ":v1");
    String second = registry.name("team/app", ":v2");
    node.pull(first);
    node.pull(second);
    assertThat(node.status(first).getRepoTagsList()).containsExactly(first, second);
    node.remove(first);
    assertThat(node.has(first)).isFalse();
    assertThat(node.status(second).getRepoTagsList()).containsExactly(second);
    node.remove(second);
    node.remove(second);
    assertThat(node.list("")).isEmpty();
    assertStoreIsEmpty();
  }

  @Test
  void removingAnIdRemovesAllNamesAndWhatNoOtherImageNeeds() throws IOException {
    registry.add("elsewhere/app", "v1", APP);
    node.pull(registry.name("team/app", ":v1"));
    node.pull(registry.name("elsewhere/app", ":v1"));
    node.pull(registry.name("team/other", ""));
    assertThat(node.files("layers")).hasSize(2);
    node.remove(APP.id().toString());
    node.remove(APP.id().toString());
    assertThat(node.has(registry.name("elsewhere/app", ":v1"))).isFalse();
    assertThat(node.files("layers")).containsExactly(Digest.sha256(BASE).hex());
    assertThat(node.files("content/blobs/sha256")).hasSize(2);
    node.remove(OTHER.id().hex());
    assertStoreIsEmpty();
  }

  @Test
  void aTagThatMovesNamesTheNewImageOnly() {
    String name = registry.name("team/app", ":v1");
    node.pull(name);
    registry.add("team/app", "v1", OTHER);
    assertThat(node.pull(name)).isEqualTo(OTHER.id().hex());
    assertThat(node.status(name).getId()).isEqualTo(OTHER.id().hex());
    assertThat(node.status(APP.id().toString()).getRepoTagsList()).isEmpty();
    assertThat(node.list("")).hasSize(2);
  }

  @Test
  void whatCannotBeANameIsRefused() {
    for (String name : List.of("", "a/UPPER", "a b", "../../etc", "name@sha256:zz", "x:", "-")) {
      assertThatThrownBy(() -> node.pull(name))
          .as(name)
          .isInstanceOf(ImageException.InvalidArgument.class);
      assertThatThrownBy(() -> node.remove(name))
          .as(name)
          .isInstanceOf(ImageException.InvalidArgument.class);
    }
    assertThatThrownBy(() -> node.pull(APP.id().hex()))
        .isInstanceOf(ImageException.InvalidArgument.class);
  }

  @Test
  void usageIsThatOfLayersAndDocuments() throws IOException {
    ImageFsInfoResponse empty = node.images().imageFsInfo(ImageFsInfoRequest.getDefaultInstance());
    assertThat(empty.getImageFilesystems(0).getUsedBytes().getValue()).isZero();
    node.pull(registry.name("team/app", ":v1"));
    ImageFsInfoResponse full = node.images().imageFsInfo(ImageFsInfoRequest.getDefaultInstance());
    assertThat(full.getImageFilesystems(0).getUsedBytes().getValue()).isGreaterThan(8192);
    assertThat(full.getImageFilesystems(0).getInodesUsed().getValue()).isEqualTo(4 + 2);
    assertThat(full.getImageFilesystems(0).getFsId().getMountpoint())
        .isEqualTo(node.root().toString());
    assertThat(full.getImageFilesystems(0).getTimestamp()).isPositive();
    assertThat(full.getContainerFilesystems(0).getUsedBytes().getValue()).isZero();
    assertThat(full.getContainerFilesystems(0).getTimestamp()).isPositive();
  }

  private void assertStoreIsEmpty() throws IOException {
    assertThat(node.files("layers")).isEmpty();
    assertThat(node.files("content/blobs/sha256")).isEmpty();
    assertThat(node.files("content/ingest")).isEmpty();
  }
}
