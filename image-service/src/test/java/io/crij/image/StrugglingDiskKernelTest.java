package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.ImageFsInfoRequest;
import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.name.Digest;
import io.crij.image.records.Image;
import io.crij.image.tar.TestTar;
import io.crij.linux.mount.FileSystemSpace;
import io.crij.linux.mount.Mounts;
import io.crij.linux.testing.Eventually;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Images on a disk of their own that stands still, or runs full under a large layer. */
@Tag("root")
@Timeout(180)
@ExtendWith(LeavesNoTrace.class)
final class StrugglingDiskKernelTest {
  private static final long MEBIBYTE = 1 << 20;
  private static final byte[] LARGE = new TestTar().raw(noise()).build();
  private static final TestImage IMAGE = TestImage.of("", LARGE);
  private static final TestImage SMALL =
      TestImage.of("", new TestTar().file("small", "small").build());

  private final Path folder;
  private final Path disk;
  private final LocalRegistry registry = new LocalRegistry();
  private final String large = registry.name("large", ":v1");
  private final String small = registry.name("small", ":v1");
  private TestNode node;

  StrugglingDiskKernelTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    this.disk = Files.createDirectory(folder.resolve("disk"));
  }

  private static byte[] noise() {
    byte[] content = new byte[(int) (24 * MEBIBYTE)];
    new Random(7).nextBytes(content);
    return new TestTar()
        .entry('0', "noise".getBytes(StandardCharsets.US_ASCII), "", content)
        .unfinished();
  }

  @BeforeEach
  void mount() throws Exception {
    Path file = folder.resolve("disk.img");
    try (RandomAccessFile empty = new RandomAccessFile(file.toFile(), "rw")) {
      empty.setLength(600 * MEBIBYTE);
    }
    run("mkfs.ext4", "-q", "-m", "0", "-E", "nodiscard", file.toString());
    run("mount", "-o", "loop", file.toString(), disk.toString());
    registry.add("large", "v1", IMAGE);
    registry.add("small", "v1", SMALL);
    registry.configure(TestNode.hosts(folder));
    node = new TestNode(folder, ImageStoreConfig.in(disk.resolve("store")));
    node.pull(small);
  }

  @AfterEach
  void unmount() {
    node.close();
    registry.close();
    Mounts.detach(disk);
  }

  @Test
  void whileTheDiskStandsStillEverythingElseIsAnswered() throws Exception {
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      run("fsfreeze", "--freeze", disk.toString());
      Future<String> pull;
      try {
        pull = callers.submit(() -> node.pull(large));
        Eventually.await(
            "the manifest is asked for", () -> registry.requests("/v2/large/manifests/v1") > 0);
        for (int i = 0; i < 50; i++) {
          assertThat(answers(callers)).isEqualTo(1);
        }
        assertThat(pull).isNotDone();
      } finally {
        run("fsfreeze", "--unfreeze", disk.toString());
      }
      assertThat(pull.get(60, TimeUnit.SECONDS)).isEqualTo(IMAGE.id().hex());
    }
    assertThat(node.check(false)).isEmpty();
  }

  /** Asks on a virtual thread, as calls do. */
  private int answers(ExecutorService callers) throws Exception {
    Future<Integer> answer =
        callers.submit(() -> {
          assertThat(node.has(small)).isTrue();
          assertThat(
                  node.images()
                      .imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
                      .getImageFilesystemsList())
              .hasSize(1);
          return node.list("").size();
        });
    return answer.get(30, TimeUnit.SECONDS);
  }

  @Test
  void aLargeLayerThatFillsTheDiskIsSaidSoAndNothingStays() throws Exception {
    RangedBlob blob = new RangedBlob(Objects.requireNonNull(IMAGE.blobs().get(IMAGE.layer(0))));
    registry.on(LocalRegistry.blobPath("large", IMAGE.layer(0)), blob);
    blob.stallAt(8 * MEBIBYTE);
    Path filler = disk.resolve("filler");
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> pull = callers.submit(() -> node.pull(large));
      Eventually.await("a part is there", () -> !names("content/ingest").isEmpty());
      Eventually.await("8 MiB came", () -> blob.sent() >= 8 * MEBIBYTE);
      fill(filler);
      blob.stallAt(Long.MAX_VALUE);
      assertThatThrownBy(() -> pull.get(60, TimeUnit.SECONDS))
          .hasCauseInstanceOf(ImageException.ResourceExhausted.class)
          .hasMessageContaining("space");
    }
    assertThat(node.list("")).hasSize(1);
    assertThat(names("layers")).hasSize(1);
    assertThat(node.check(false)).isEmpty();
    node.remove(small);
    assertThat(node.list("")).as("removed without any room").isEmpty();
    Files.delete(filler);
    assertThat(node.pull(large)).isEqualTo(IMAGE.id().hex());
    assertThat(node.check(false)).isEmpty();
    assertThat(names("content/ingest")).isEmpty();
    assertThat(names("layers")).containsExactly(Digest.sha256(LARGE).hex());
  }

  @Test
  void aRunrootWithoutRoomIsSaidSoAndTheImageCanBeRemoved() throws Exception {
    Path rootfs = Files.createDirectory(folder.resolve("rootfs"));
    Image image = Objects.requireNonNull(node.images().find(small));
    Path mounts = folder.resolve("run/layers");
    run("mount", "-t", "tmpfs", "-o", "nr_inodes=1", "tmpfs", mounts.toString());
    try {
      assertThatThrownBy(() -> node.images().rootfs().mount("c1", image, rootfs))
          .isInstanceOf(ImageException.ResourceExhausted.class)
          .hasMessageContaining(SMALL.id().hex());
      node.remove(small);
      assertThat(node.list("")).isEmpty();
    } finally {
      Mounts.detach(mounts);
    }
    node.pull(small);
    node.images().rootfs().mount("c1", image, rootfs);
    assertThat(rootfs.resolve("small")).hasContent("small");
    node.images().rootfs().remove("c1", rootfs);
  }

  @ParameterizedTest
  @EnumSource(names = {"EROFS", "DIRECTORY"})
  void manyFilesTakeInodesOnlyAsDirectories(LayerFormat format) throws Exception {
    TestTar files = new TestTar();
    for (int i = 0; i < 1000; i++) {
      files.file("f" + i, "");
    }
    registry.add("many", "v1", TestImage.of("", files.build()));
    String many = registry.name("many", ":v1");
    Path few = Files.createDirectory(folder.resolve("few"));
    Path file = folder.resolve("few.img");
    try (RandomAccessFile empty = new RandomAccessFile(file.toFile(), "rw")) {
      empty.setLength(128 * MEBIBYTE);
    }
    run("mkfs.ext4", "-q", "-N", "400", file.toString());
    run("mount", "-o", "loop", file.toString(), few.toString());
    try (TestNode tight = new TestNode(few, format)) {
      registry.configure(TestNode.hosts(few));
      long before = FileSystemSpace.of(few).freeInodes();
      if (format == LayerFormat.EROFS) {
        tight.pull(many);
        assertThat(tight.check(false)).isEmpty();
        assertThat(before - FileSystemSpace.of(few).freeInodes()).isLessThan(20);
      } else {
        assertThatThrownBy(() -> tight.pull(many))
            .isInstanceOf(ImageException.ResourceExhausted.class);
        Eventually.await("deleted behind", () -> tight.files("trash").isEmpty());
        assertThat(before - FileSystemSpace.of(few).freeInodes()).isLessThan(20);
        assertThat(tight.pull(small)).isEqualTo(SMALL.id().hex());
      }
    } finally {
      Mounts.detach(few);
    }
  }

  private void fill(Path filler) throws Exception {
    long free = Files.getFileStore(disk).getUsableSpace() / MEBIBYTE;
    run("fallocate", "-l", free - 8 + "MiB", filler.toString());
    try (OutputStream out = Files.newOutputStream(filler, StandardOpenOption.APPEND)) {
      while (true) {
        out.write(new byte[4096]);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space");
    }
  }

  private List<String> names(String path) throws IOException {
    try (Stream<Path> files = Files.list(disk.resolve("store").resolve(path))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }
}
