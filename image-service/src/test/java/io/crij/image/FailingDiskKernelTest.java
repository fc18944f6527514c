package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.tar.TestTar;
import io.crij.linux.mount.MountFlag;
import io.crij.linux.mount.Mounts;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A store on a disk that takes bytes and cannot keep them: an ext4 file system in a file with more
 * room than the memory below it has. That shows only when the kernel writes back, so that write(2)
 * succeeds and fsync(2) says EIO or ENOSPC, once.
 */
@Tag("root")
@ExtendWith(LeavesNoTrace.class)
final class FailingDiskKernelTest {
  private static final int MEBIBYTE = 1 << 20;

  private final Path folder;
  private final Path memory;
  private final Path disk;

  FailingDiskKernelTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    this.memory = Files.createDirectory(folder.resolve("memory"));
    this.disk = Files.createDirectory(folder.resolve("disk"));
  }

  @BeforeEach
  void mount() throws Exception {
    Mounts.tmpfs(memory, 24 * MEBIBYTE, 0700, Set.of(MountFlag.NOSUID));
    Path file = memory.resolve("disk.img");
    try (RandomAccessFile empty = new RandomAccessFile(file.toFile(), "rw")) {
      empty.setLength(200L * MEBIBYTE);
    }
    run("mkfs.ext4", "-q", "-O", "^has_journal", "-E", "nodiscard", file.toString());
    run("mount", "-o", "loop", file.toString(), disk.toString());
  }

  @AfterEach
  void unmount() {
    Mounts.detach(disk);
    Mounts.detach(memory);
  }

  @ParameterizedTest
  @EnumSource(names = {"EROFS", "DIRECTORY"})
  void whatDidNotReachTheDiskIsNotBelieved(LayerFormat format) throws Exception {
    byte[] noise = new byte[40 * MEBIBYTE];
    new Random(1).nextBytes(noise);
    String text = new String(noise, StandardCharsets.ISO_8859_1);
    TestImage image = TestImage.of("", new TestTar().file("noise", text).build());
    ImageStoreConfig store = ImageStoreConfig.in(disk.resolve("store")).withLayers(format);
    try (LocalRegistry registry = new LocalRegistry();
        TestNode node = new TestNode(folder, store)) {
      registry.configure(TestNode.hosts(folder));
      registry.add("noise", "v1", image);
      String name = registry.name("noise", ":v1");

      assertThatThrownBy(() -> node.pull(name))
          .hasMessageMatching(
              "unpack layer .*sync.*: (Input/output error|No space left on device)");
      assertThat(node.list("")).isEmpty();

      run("mount", "-o", "remount,size=300m", memory.toString());
      node.pull(name);
      assertThat(node.has(name)).isTrue();
      assertThat(node.check(false)).isEmpty();
    }
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }
}
