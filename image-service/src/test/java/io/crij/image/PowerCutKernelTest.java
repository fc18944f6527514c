package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.tar.TestTar;
import io.crij.linux.mount.Mounts;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A power cut while images are pulled and removed: the disk is an ext4 file system in a file, and
 * is copied while it is mounted, so that the copy has what had reached the disk, and no more.
 */
@Tag("root")
@ParameterizedClass
@EnumSource(names = {"EROFS", "DIRECTORY"})
@ExtendWith(LeavesNoTrace.class)
final class PowerCutKernelTest {
  private static final int CUTS = 6;
  private static final int LAYERS = 4;
  private static final long DISK_BYTES = 300L << 20;

  private final Path folder;
  private final Path disk;
  private final Path cut;
  private final LayerFormat format;

  PowerCutKernelTest(LayerFormat format, @TempDir Path folder) throws IOException {
    this.format = format;
    this.folder = folder;
    this.disk = Files.createDirectory(folder.resolve("disk"));
    this.cut = Files.createDirectory(folder.resolve("cut"));
  }

  @AfterEach
  void unmount() {
    Mounts.detach(cut);
    Mounts.detach(disk);
  }

  @Test
  void whatIsListedAfterThePowerCameBackIsWhole() throws Exception {
    Path file = folder.resolve("disk.img");
    try (RandomAccessFile empty = new RandomAccessFile(file.toFile(), "rw")) {
      empty.setLength(DISK_BYTES);
    }
    run("mkfs.ext4", "-q", file.toString());
    run("mount", "-o", "loop", file.toString(), disk.toString());
    TestImage first = image(1);
    TestImage second = image(2);
    try (LocalRegistry registry = new LocalRegistry();
        ExecutorService pulls = Executors.newVirtualThreadPerTaskExecutor()) {
      registry.add("first", "v1", first);
      registry.add("second", "v1", second);
      registry.configure(TestNode.hosts(disk));
      String one = registry.name("first", ":v1");
      String two = registry.name("second", ":v1");
      int listed = 0;
      try (TestNode node = new TestNode(disk, format)) {
        long start = System.nanoTime();
        node.pull(one);
        long taken = (System.nanoTime() - start) / 1_000_000;
        Random random = new Random(11);
        for (int i = 0; i < CUTS; i++) {
          Future<String> pull = pulls.submit(() -> node.pull(two));
          Thread.sleep(random.nextLong(taken + 1));
          Path copy = folder.resolve("cut-" + i + ".img");
          run("cp", "--sparse=always", file.toString(), copy.toString());
          pull.get();
          node.remove(i % 2 == 0 ? two : one);
          node.remove(two);
          node.pull(one);
          listed += comesBackWhole(copy, registry, two);
          Files.delete(copy);
        }
      }
      assertThat(listed).as("cuts after which an image was listed").isPositive();
    }
  }

  /** How many images are listed on the disk that lost its power. */
  private int comesBackWhole(Path copy, LocalRegistry registry, String name) throws Exception {
    run("mount", "-o", "loop", copy.toString(), cut.toString());
    try {
      Files.createDirectories(TestNode.hosts(cut));
      registry.configure(TestNode.hosts(cut));
      try (TestNode node = new TestNode(cut, format)) {
        int listed = node.list("").size();
        assertThat(node.check(false)).as("what is listed").isEmpty();
        node.pull(name);
        assertThat(node.has(name)).isTrue();
        assertThat(node.check(false)).as("what was pulled again").isEmpty();
        return listed;
      }
    } finally {
      Mounts.detach(cut);
    }
  }

  private static TestImage image(int number) {
    byte[][] layers = new byte[LAYERS][];
    for (int i = 0; i < LAYERS; i++) {
      TestTar tar = new TestTar();
      for (int f = 0; f < 100; f++) {
        tar.file("image-" + number + "/layer-" + i + "/f" + f, ("content " + f).repeat(300));
      }
      layers[i] = tar.build();
    }
    return TestImage.of("", layers);
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }
}
