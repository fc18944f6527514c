package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.tar.TestTar;
import io.crij.linux.mount.MountFlag;
import io.crij.linux.mount.Mounts;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.records.RecordsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Records that are lost or damaged, and a disk that is not to be written any more. */
@Tag("root")
@ParameterizedClass
@EnumSource(names = {"EROFS", "DIRECTORY"})
@ExtendWith(LeavesNoTrace.class)
final class BrokenRecordsKernelTest {
  private static final TestImage APP =
      TestImage.of("", new TestTar().file("app", "x".repeat(100_000)).build());

  private final LayerFormat format;
  private final Path disk;
  private final Path records;
  private final LocalRegistry registry;
  private final String name;
  private TestNode node;

  BrokenRecordsKernelTest(LayerFormat format, @TempDir Path folder) throws IOException {
    this.format = format;
    disk = Files.createDirectory(folder.resolve("disk"));
    records = disk.resolve("crij.db");
    registry = new LocalRegistry();
    registry.configure(TestNode.hosts(disk));
    registry.add("app", "v1", APP);
    name = registry.name("app", ":v1");
    node = new TestNode(disk, format);
    node.pull(name);
  }

  @AfterEach
  void close() {
    node.close();
    registry.close();
  }

  @Test
  void aDatabaseThatIsDamagedEndsTheStartWithItsName() throws IOException {
    node.close();
    byte[] whole = Files.readAllBytes(records);
    byte[] zeros = whole.clone();
    Arrays.fill(zeros, 0, 4096, (byte) 0);
    for (byte[] damaged :
        List.of(
            "garbage".repeat(1000).getBytes(StandardCharsets.US_ASCII),
            Arrays.copyOf(whole, 5000),
            zeros)) {
      Files.write(records, damaged);
      assertThatThrownBy(() -> new TestNode(disk, format))
          .isInstanceOf(RecordsException.class)
          .hasMessageContaining(records.toString());
      assertThat(disk.resolve("store/layers")).as("nothing was taken away").isNotEmptyDirectory();
    }
    Files.write(records, whole);
    node = new TestNode(disk, format);
    assertThat(node.has(name)).isTrue();
    assertThat(node.check(false)).isEmpty();
  }

  @Test
  void lostRecordsAreTakenUpFromTheStore() throws IOException {
    node.close();
    loseRecords();
    node = new TestNode(disk, format);
    assertThat(node.status(name).getId()).isEqualTo(APP.id().hex());
    assertThat(node.status(name).getPinned()).isFalse();
    assertThat(node.check(false)).isEmpty();
    node.pull(name);
    assertThat(registry.requests(LocalRegistry.blobPath("app", APP.layer(0)))).isEqualTo(1);
    node.remove(name);
    assertThat(node.files("layers")).isEmpty();
    node.pull(name);
    node.close();
    loseRecords();
    Files.writeString(disk.resolve("store/images.json"), "{");
    node = new TestNode(disk, format);
    assertThat(node.list("")).isEmpty();
    node.pull(name);
    assertThat(node.check(false)).isEmpty();
  }

  @Test
  void aDiskThatBecameReadOnlyIsStillRead() throws Exception {
    registry.add("more", "v1", TestImage.of("", new TestTar().file("more", "m").build()));
    String more = registry.name("more", ":v1");
    node.close();
    Path images = Files.createDirectory(disk.resolve("images"));
    Mounts.bind(images, images, false, Set.of(MountFlag.NOSUID));
    try {
      node =
          new TestNode(
              disk,
              new ImageStoreConfig(images, List.of(), Duration.ofHours(1)).withLayers(format));
      node.pull(name);
      assertThat(node.images().trouble()).isEmpty();
      remount(images, "ro");
      assertThat(node.images().trouble()).isEqualTo(images + " has become read-only");
      assertThat(node.list("")).hasSize(1);
      assertThat(node.check(false)).isEmpty();
      assertThatThrownBy(() -> node.pull(more))
          .isInstanceOf(ImageException.FailedPrecondition.class)
          .hasMessageStartingWith("make layer sha256:")
          .hasMessageContaining(": " + images + "/layers/")
          .hasMessageEndingWith(": Read-only file system");
      assertThat(node.list("")).hasSize(1);
      remount(images, "rw");
      assertThat(node.images().trouble()).isEmpty();
      node.pull(more);
      assertThat(node.list("")).hasSize(2);
      assertThat(node.check(false)).isEmpty();
      node.close();
    } finally {
      Mounts.detach(images);
    }
  }

  private static void remount(Path point, String mode) throws Exception {
    Process mount =
        new ProcessBuilder("mount", "-o", "remount,bind," + mode, point.toString()).start();
    assertThat(mount.waitFor()).isZero();
  }

  private void loseRecords() throws IOException {
    try (Stream<Path> files = Files.list(disk)) {
      for (Path file : files.filter(f -> f.toString().contains("crij.db")).toList()) {
        Files.delete(file);
      }
    }
  }
}
