package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.records.Image;
import io.crij.image.rootfs.Rootfs;
import io.crij.image.tar.TestTar;
import io.crij.linux.mount.MountTable;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("root")
@ParameterizedClass
@EnumSource(names = {"EROFS", "DIRECTORY"})
@ExtendWith(LeavesNoTrace.class)
final class RootfsKernelTest {
  private static final byte[] BASE =
      new TestTar()
          .mode(0750)
          .directory("./")
          .mode(0711)
          .uid(TestTar.octal(33, 8))
          .pax("SCHILY.xattr.user.kept", "v")
          .directory("srv")
          .mode(01777)
          .directory("srv/tmp")
          .directory("etc")
          .file("etc/base", "base")
          .build();

  private final Path folder;
  private final Path mountPoint;
  private final TestNode node;

  RootfsKernelTest(LayerFormat format, @TempDir Path folder) throws IOException {
    this.folder = folder;
    this.node = new TestNode(folder, format);
    this.mountPoint = Files.createDirectory(folder.resolve("rootfs"));
  }

  @AfterEach
  void nothingStaysMounted() {
    rootfs().remove("c1", mountPoint);
    node.close();
    assertThat(MountTable.read().below(folder)).isEmpty();
  }

  @Test
  void aContainerSeesItsImageAndWritesForItselfAlone() throws IOException {
    byte[] top = new TestTar().file("etc/.wh.base", "").file("etc/top", "top").build();
    Image image = image("app", BASE, top, BASE);
    assertThat(rootfs().mount("c1", image, mountPoint)).isEqualTo(mountPoint);
    assertThat(mountPoint.resolve("etc/base")).as("the layer comes twice").hasContent("base");
    Files.writeString(mountPoint.resolve("etc/top"), "changed");
    assertThat(rootfs().containers()).containsExactly("c1");
    assertThat(Files.getAttribute(mountPoint, "unix:mode")).isEqualTo(0040750);

    Path second = Files.createDirectory(folder.resolve("second"));
    rootfs().mount("c2", image, second);
    assertThat(second.resolve("etc/top")).hasContent("top");
    rootfs().remove("c2", second);
    rootfs().remove("c2", second);

    rootfs().unmount("c1", mountPoint);
    rootfs().unmount("c1", mountPoint);
    assertThat(mountPoint).isEmptyDirectory();
    assertThat(node.root().resolve("containers/c1/upper/etc/top")).hasContent("changed");
    rootfs().remove("c1", mountPoint);
    assertThat(node.files("containers")).isEmpty();
  }

  @Test
  void anImageInUseCannotBeRemoved() throws IOException {
    Image image = image("app", BASE);
    rootfs().mount("c1", image, mountPoint);
    for (String name : List.of(image.id().toString(), image.repoTags().getFirst())) {
      assertThatThrownBy(() -> node.remove(name))
          .isInstanceOf(ImageException.FailedPrecondition.class)
          .hasMessageContaining("in use by c1");
    }
    assertThat(mountPoint.resolve("etc/base")).hasContent("base");
    assertThat(node.list("")).hasSize(1);
    rootfs().remove("c1", mountPoint);
    node.remove(image.id().toString());
    assertThat(node.files("layers")).isEmpty();
    assertThatThrownBy(() -> rootfs().mount("c1", image, mountPoint))
        .isInstanceOf(ImageException.NotFound.class);
  }

  @Test
  void theFilesOfAContainerAreNotMountedTwice() throws IOException {
    Image image = image("app", BASE);
    rootfs().mount("c1", image, mountPoint);
    assertThatThrownBy(() -> rootfs().mount("c1", image, mountPoint))
        .isInstanceOf(ImageException.AlreadyExists.class);
    assertThat(mountPoint.resolve("etc/base")).hasContent("base");
    assertThatThrownBy(() -> rootfs().mount("../c1", image, mountPoint))
        .isInstanceOf(ImageException.InvalidArgument.class);
  }

  @Test
  void aMountThatFailsLeavesNothing() throws IOException {
    Image image = image("app", BASE);
    assertThatThrownBy(() -> rootfs().mount("c1", image, folder.resolve("missing")))
        .isInstanceOf(ImageException.Internal.class)
        .hasMessageContaining("missing");
    assertThat(node.files("containers")).isEmpty();
    node.remove(image.id().toString());
    assertThat(node.list("")).isEmpty();
  }

  @Test
  void foldersThatAnUpperLayerOnlyImpliesKeepTheirAttributes() throws IOException {
    byte[] top =
        new TestTar().file("srv/tmp/deep/f", "f").file("srv/new/f", "f").file("etc/f", "f").build();
    Image image = image("app", BASE, top);
    rootfs().mount("c1", image, mountPoint);
    assertThat(Files.getAttribute(mountPoint.resolve("srv"), "unix:mode")).isEqualTo(0040711);
    assertThat(Files.getAttribute(mountPoint.resolve("srv"), "unix:uid")).isEqualTo(33);
    assertThat(Files.getAttribute(mountPoint.resolve("srv"), "user:kept"))
        .isEqualTo(new byte[] {'v'});
    assertThat(Files.getAttribute(mountPoint.resolve("srv/tmp"), "unix:mode")).isEqualTo(0041777);
    assertThat(Files.getAttribute(mountPoint.resolve("srv/new"), "unix:mode")).isEqualTo(0040755);
    assertThat(Files.getAttribute(mountPoint, "unix:mode")).isEqualTo(0040750);
    assertThat(mountPoint.resolve("srv/tmp/deep/f")).hasContent("f");
    assertThat(node.files("fixups")).hasSize(1);
    rootfs().remove("c1", mountPoint);
    node.remove(image.id().toString());
    assertThat(node.files("fixups")).isEmpty();
  }

  @Test
  void foldersThatWereRemovedOrRenewedInBetweenAreNotCorrected() throws IOException {
    byte[] middle =
        new TestTar().directory("./").file("srv/tmp/.wh..wh..opq", "").file(".wh.etc", "").build();
    byte[] top = new TestTar().directory("./").file("srv/tmp/f", "f").file("etc/f", "f").build();
    Image image = image("app", BASE, middle, top);
    rootfs().mount("c1", image, mountPoint);
    assertThat(Files.getAttribute(mountPoint.resolve("srv/tmp"), "unix:mode")).isEqualTo(0040755);
    assertThat(mountPoint.resolve("etc/base")).doesNotExist();
    assertThat(mountPoint.resolve("etc/f")).hasContent("f");
  }

  @Test
  void anImageWithoutLayersIsAnEmptyFolder() throws IOException {
    rootfs().mount("c1", image("empty"), mountPoint);
    assertThat(mountPoint).isEmptyDirectory();
    Files.writeString(mountPoint.resolve("f"), "f");
  }

  private Rootfs rootfs() {
    return node.images().rootfs();
  }

  private Image image(String name, byte[]... layers) throws IOException {
    Path layout = folder.resolve("layout-" + name);
    TestImage.of("", layers).writeLayout(layout, "");
    return node.images().importImage(layout, "example.com/" + name + ":v1");
  }
}
