package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.admin.v1.ExportImagesRequest;
import io.crij.admin.v1.ExportImagesRequest.Form;
import io.crij.image.naive.NaiveUnpacker;
import io.crij.image.tar.TestTar;
import io.crij.linux.mount.MountFlag;
import io.crij.linux.mount.Mounts;
import io.crij.linux.testing.Eventually;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Tree;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A store, with its database, on a disk that runs full. */
@Tag("root")
@ExtendWith(LeavesNoTrace.class)
final class FullDiskKernelTest {
  private static final TestImage APP =
      TestImage.of("", new TestTar().file("app", "x".repeat(1_000_000)).build());

  private final Path disk;
  private final LocalRegistry registry;
  private final TestNode node;

  FullDiskKernelTest(@TempDir Path folder) throws IOException {
    disk = Files.createDirectory(folder.resolve("disk"));
    Mounts.tmpfs(disk, 100 << 20, 0700, Set.of(MountFlag.NOSUID));
    registry = new LocalRegistry();
    registry.configure(TestNode.hosts(disk));
    registry.add("app", "v1", APP);
    node = new TestNode(disk);
  }

  @AfterEach
  void close() {
    node.close();
    registry.close();
    Mounts.detach(disk);
  }

  @Test
  void pullsLeaveRoomAndImagesCanBeRemovedWithoutAny() throws IOException {
    node.pull(registry.name("app", ":v1"));
    fill(32 << 20);
    registry.add("more", "v1", TestImage.of("", new TestTar().file("more", "m").build()));
    assertThatThrownBy(() -> node.pull(registry.name("more", ":v1")))
        .isInstanceOf(ImageException.ResourceExhausted.class);
    fill(0);
    assertThat(node.list("")).hasSize(1);
    assertThat(node.has(registry.name("app", ":v1"))).isTrue();
    node.remove(registry.name("app", ":v1"));
    assertThat(node.list("")).isEmpty();
    assertThat(node.files("layers")).isEmpty();

    Files.delete(disk.resolve("filler"));
    node.pull(registry.name("more", ":v1"));
    assertThat(node.list("")).hasSize(1);
  }

  @Test
  void noInodesAreSaidSoAndGivenBack() throws Exception {
    Process mount =
        new ProcessBuilder("mount", "-o", "remount,nr_inodes=400", disk.toString()).start();
    assertThat(mount.waitFor()).isZero();
    TestTar many = new TestTar();
    for (int i = 0; i < 1000; i++) {
      many.file("f" + i, "");
    }
    Path naive = Files.createDirectory(disk.resolve("naive"));
    assertThatThrownBy(() -> new NaiveUnpacker(naive).unpack(many.build()))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("No space");
    assertThatThrownBy(() -> Files.createFile(disk.resolve("one-more")))
        .as("what the naive leaves to others")
        .isInstanceOf(FileSystemException.class);
    try (Tree tree = Tree.open(disk)) {
      tree.root().remove(Name.of("naive"));
    }
    registry.add("many", "v1", TestImage.of("", many.build()));
    assertThatThrownBy(() -> node.pull(registry.name("many", ":v1")))
        .isInstanceOf(ImageException.ResourceExhausted.class);
    Eventually.await("deleted behind", () -> node.files("trash").isEmpty());
    assertThat(node.files("layers")).isEmpty();
    Files.createFile(disk.resolve("one-more"));
    node.pull(registry.name("app", ":v1"));
    assertThat(node.list("")).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"FORM_OCI_ARCHIVE", "FORM_OCI_FOLDER", "FORM_DOCKER_ARCHIVE"})
  void anExportThatFindsNoRoomSaysSoAndLeavesNothing(Form form) throws IOException {
    node.pull(registry.name("app", ":v1"));
    Path small = Files.createDirectory(disk.resolveSibling("small"));
    Mounts.tmpfs(small, 4096, 0700, Set.of(MountFlag.NOSUID));
    try {
      assertThatThrownBy(() -> export(form, small.resolve("target")))
          .isInstanceOf(ImageException.ResourceExhausted.class);
      assertThat(small).isEmptyDirectory();
    } finally {
      Mounts.detach(small);
    }
    fill(0);
    Path target = disk.resolve("target");
    assertThatThrownBy(() -> export(form, target))
        .isInstanceOf(ImageException.ResourceExhausted.class);
    assertThat(target).doesNotExist();
    assertThat(node.files("content/ingest")).isEmpty();
  }

  @Test
  void anImportThatFindsNoRoomSaysSo() throws IOException {
    node.pull(registry.name("app", ":v1"));
    Path archive = disk.resolveSibling("archive");
    export(Form.FORM_DOCKER_ARCHIVE, archive);
    node.remove(registry.name("app", ":v1"));
    fill(100_000);
    assertThatThrownBy(() -> node.images().importImages(archive, ""))
        .isInstanceOf(ImageException.ResourceExhausted.class);
    assertThat(node.list("")).isEmpty();
  }

  private void export(Form form, Path target) {
    node.images()
        .admin()
        .exportImages(
            ExportImagesRequest.newBuilder()
                .setPath(target.toString())
                .setForm(form)
                .addImages(registry.name("app", ":v1"))
                .build(),
            target);
  }

  /** Writes until so many bytes are free. */
  private void fill(long freeBytes) throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out =
        Files.newOutputStream(
            disk.resolve("filler"),
            java.nio.file.StandardOpenOption.CREATE,
            java.nio.file.StandardOpenOption.APPEND)) {
      while (Files.getFileStore(disk).getUsableSpace() > freeBytes) {
        out.write(block);
      }
    }
  }
}
