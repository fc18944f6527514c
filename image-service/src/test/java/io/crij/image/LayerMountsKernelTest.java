package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.name.Digest;
import io.crij.image.records.Image;
import io.crij.image.rootfs.Rootfs;
import io.crij.image.tar.TestTar;
import io.crij.linux.Fd;
import io.crij.linux.mount.MountEntry;
import io.crij.linux.mount.MountTable;
import io.crij.linux.mount.Mounts;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The mounts behind the root file systems of containers. */
@Tag("root")
@ExtendWith(LeavesNoTrace.class)
final class LayerMountsKernelTest {
  private static final byte[] BASE =
      new TestTar()
          .directory("./")
          .uid(TestTar.octal(7, 8))
          .file("base", "base")
          .mode(04755)
          .file("setuid", "s")
          .build();
  private static final byte[] TOP = new TestTar().directory("./").file("top", "top").build();

  private final Path folder;
  private final Path layers;
  private TestNode node;

  LayerMountsKernelTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    this.layers = folder.resolve("run/layers");
    this.node = new TestNode(folder, LayerFormat.EROFS);
  }

  @AfterEach
  void nothingStaysMounted() {
    for (String container : List.of("c1", "c2", "c3")) {
      node.images().rootfs().remove(container, rootfs(container));
    }
    node.close();
    assertThat(MountTable.read().below(folder)).isEmpty();
  }

  @Test
  void allContainersOfALayerHaveOneMountOfIt() throws IOException {
    mount("c1", image("one", BASE));
    mount("c2", image("two", BASE, TOP));
    assertThat(mounted()).containsExactlyInAnyOrder(hex(BASE), hex(TOP));
    assertThat(MountTable.read().below(layers)).allSatisfy(LayerMountsKernelTest::isPrivate);
    node.images().rootfs().remove("c1", rootfs("c1"));
    assertThat(mounted()).containsExactlyInAnyOrder(hex(BASE), hex(TOP));
    assertThat(rootfs("c2").resolve("base")).hasContent("base");
    node.images().rootfs().unmount("c2", rootfs("c2"));
    assertThat(mounted()).isEmpty();
    assertThat(layers).isEmptyDirectory();
  }

  private static void isPrivate(MountEntry mount) {
    assertThat(mount.type()).isEqualTo("erofs");
    assertThat(mount.options()).contains("ro", "nosuid", "nodev");
  }

  @Test
  void aRestartFindsTheMountsAndTakesAwayThoseOfNobody() throws IOException {
    Image image = image("one", BASE);
    mount("c1", image);
    int id = MountTable.read().below(layers).getFirst().id();
    Path stray = Files.createDirectory(layers.resolve("0".repeat(64)));
    Mounts.bind(rootfs("c1"), stray, false);
    reopen();
    assertThat(mounted()).containsExactly(hex(BASE));
    assertThat(MountTable.read().below(layers).getFirst().id()).isEqualTo(id);
    mount("c2", image);
    assertThat(MountTable.read().below(layers).getFirst().id()).isEqualTo(id);
    node.images().rootfs().remove("c1", rootfs("c1"));
    assertThat(mounted()).hasSize(1);
    node.images().rootfs().remove("c2", rootfs("c2"));
    assertThat(mounted()).isEmpty();
  }

  @Test
  void afterARebootLayersAreMountedAnew() throws IOException {
    Image image = image("one", BASE);
    mount("c1", image);
    Mounts.detach(rootfs("c1"));
    Mounts.detach(layers.resolve(hex(BASE)));
    reopen();
    mount("c2", image);
    assertThat(rootfs("c2").resolve("base")).hasContent("base");
  }

  @ParameterizedTest
  @EnumSource(names = {"EROFS", "DIRECTORY"})
  void ownersAreMappedForAUserNamespace(LayerFormat format) throws Exception {
    node.close();
    node = new TestNode(folder, format);
    Image image = image("one", BASE, TOP);
    Process process =
        new ProcessBuilder("unshare", "-U", "sh", "-c", "echo; exec sleep 600").start();
    try {
      assertThat(process.getInputStream().read()).isEqualTo('\n');
      Path proc = Path.of("/proc/" + process.pid());
      Files.writeString(proc.resolve("uid_map"), "0 200000 65536");
      Files.writeString(proc.resolve("gid_map"), "0 300000 65536");
      try (Fd namespace = Fd.open(proc.resolve("ns/user").toString(), Fd.O_RDONLY, 0)) {
        Files.createDirectory(rootfs("c3"));
        node.images().rootfs().mount("c3", image, rootfs("c3"), new Rootfs.View(namespace, ""));
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(owner("c3", "base")).isEqualTo(200_007);
    assertThat(owner("c3", "top")).isEqualTo(200_000);
    assertThat(owner("c3", ".")).isEqualTo(200_000);
    assertThat(Files.getAttribute(rootfs("c3").resolve("setuid"), "unix:mode")).isEqualTo(0104755);
    Files.writeString(rootfs("c3").resolve("base"), "changed");
    assertThat(owner("c3", "base")).as("copied up").isEqualTo(200_007);
    assertThat(folder.resolve("run/mapped")).isEmptyDirectory();
    assertThat(MountTable.read().below(folder.resolve("run/mapped"))).isEmpty();
    mount("c1", image);
    assertThat(owner("c1", "base")).isEqualTo(7);
  }

  private Object owner(String container, String file) throws IOException {
    return Files.getAttribute(rootfs(container).resolve(file), "unix:uid");
  }

  private void reopen() throws IOException {
    node.close();
    node = new TestNode(folder, LayerFormat.EROFS);
  }

  private void mount(String container, Image image) throws IOException {
    Files.createDirectories(rootfs(container));
    node.images().rootfs().mount(container, image, rootfs(container));
  }

  private Path rootfs(String container) {
    return folder.resolve("rootfs-" + container);
  }

  private List<String> mounted() {
    return MountTable.read().below(layers).stream()
        .map(mount -> String.valueOf(Path.of(mount.mountPoint()).getFileName()))
        .toList();
  }

  private static String hex(byte[] archive) {
    return Digest.sha256(archive).hex();
  }

  private Image image(String name, byte[]... archives) throws IOException {
    Path layout = folder.resolve("layout-" + name);
    TestImage.of("", archives).writeLayout(layout, "");
    return node.images().importImage(layout, "example.com/" + name + ":v1");
  }
}
