package io.crij.image.naive;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.image.ImageException;
import io.crij.image.LayerKind;
import io.crij.image.tar.TestTar;
import io.crij.image.unpack.TestLayers;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Somebody who got into the store puts a link in place of a folder, and the folder back, all the
 * time that an archive with files in that folder is unpacked.
 */
@Tag("root")
@Timeout(180)
@ExtendWith(LeavesNoTrace.class)
final class RaceKernelTest {
  private static final int FILES = 300;
  private static final int ROUNDS = 20;
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(90);

  private static final byte[] ARCHIVE = archive();

  private final Path folder;
  private final Path outside;

  RaceKernelTest(@TempDir Path folder) {
    this.folder = folder;
    this.outside = folder.resolve("outside");
  }

  @BeforeEach
  void makeCanary() throws IOException {
    Files.createDirectory(outside);
    Files.writeString(outside.resolve("canary"), "alive");
  }

  private static byte[] archive() {
    TestTar tar = new TestTar().directory("d");
    for (int i = 0; i < FILES; i++) {
      tar.file("d/f" + i, "dead");
    }
    return tar.file("d/canary", "dead").build();
  }

  @Test
  void theNaiveWritesOutside() throws Exception {
    Path root = Files.createDirectory(folder.resolve("naive"));
    long deadline = System.nanoTime() + PATIENCE;
    while (isUnharmed()) {
      assertThat(System.nanoTime()).as("the race is never won").isLessThan(deadline);
      try (Attacker _ = new Attacker(root)) {
        new NaiveUnpacker(root).unpack(ARCHIVE);
      } catch (IOException e) {
        // The folder was not there just then.
      }
      remove("naive");
      Files.createDirectory(root);
    }
  }

  @Test
  void weDoNot() throws Exception {
    int whole = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Path layer = folder.resolve("layer");
      try (TestLayers layers = new TestLayers(LayerKind.DIRECTORY);
          Attacker _ = new Attacker(layer.resolve("diff"))) {
        layers.unpack(ARCHIVE, layer);
        whole++;
      } catch (ImageException e) {
        // A folder that is not there, or is a link, is an error.
      }
      assertThat(isUnharmed()).as("round " + round + ", " + whole + " unpacked").isTrue();
      remove("layer");
    }
  }

  private void remove(String name) {
    try (Tree tree = Tree.open(folder)) {
      tree.root().remove(Name.of(name));
    }
  }

  private boolean isUnharmed() throws IOException {
    try (Stream<Path> files = Files.list(outside)) {
      return files.count() == 1 && Files.readString(outside.resolve("canary")).equals("alive");
    }
  }

  /** Swaps the folder and the link until closed. */
  private final class Attacker implements AutoCloseable {
    private final Path target;
    private final Path aside;
    private final Thread thread;
    private volatile boolean over;

    Attacker(Path root) {
      this.target = root.resolve("d");
      this.aside = root.resolve("aside");
      this.thread = Thread.ofPlatform().daemon().name("attacker").start(this::run);
    }

    private void run() {
      while (!over) {
        try {
          Files.move(target, aside, StandardCopyOption.ATOMIC_MOVE);
          Files.createSymbolicLink(target, outside);
          Thread.onSpinWait();
          Files.deleteIfExists(target);
          Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
          Thread.onSpinWait();
        }
      }
    }

    @Override
    public void close() {
      over = true;
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
