package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.tar.TestTar;
import io.crij.image.unpack.TreeListing;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A server that is killed while it pulls lists whole images only, and a later pull is whole. */
@Tag("root")
@ParameterizedClass
@EnumSource(names = {"EROFS", "DIRECTORY"})
@ExtendWith(LeavesNoTrace.class)
final class PullKilledKernelTest {
  private static final int ROUNDS = 4;
  private static final int LAYERS = 4;
  private static final int FILES = 100;

  private final LayerFormat format;
  private final Path folder;

  PullKilledKernelTest(LayerFormat format, @TempDir Path folder) {
    this.format = format;
    this.folder = folder;
  }

  @Test
  void whatIsListedIsWhole() throws Exception {
    byte[][] layers = new byte[LAYERS][];
    for (int i = 0; i < LAYERS; i++) {
      TestTar tar = new TestTar();
      for (int file = 0; file < FILES; file++) {
        tar.file("layer-" + i + "/file-" + file, ("content " + file).repeat(500));
      }
      layers[i] = tar.build();
    }
    TestImage image = TestImage.of("", layers);
    try (LocalRegistry registry = new LocalRegistry()) {
      registry.add("app", "v1", image);
      String name = registry.name("app", ":v1");
      Path first = configured(registry, "first");
      SortedMap<String, String> whole;
      long taken = System.nanoTime();
      assertThat(run(first, name, Long.MAX_VALUE)).isTrue();
      taken = System.nanoTime() - taken;
      try (TestNode node = new TestNode(first, format)) {
        whole = layersOf(node);
      }
      Random random = new Random(7);
      int killed = 0;
      for (int round = 0; round < ROUNDS; round++) {
        Path store = configured(registry, "round-" + round);
        // The first half of the time a JVM starts.
        long begin = System.nanoTime();
        if (run(store, name, taken / 2 + random.nextLong(taken / 2))) {
          // The machine has become faster.
          taken = Math.min(taken, System.nanoTime() - begin);
        } else {
          killed++;
        }
        try (TestNode node = new TestNode(store, format)) {
          assertThat(node.files("layers")).noneMatch(file -> file.startsWith("."));
          assertThat(node.files("content/ingest")).isEmpty();
          if (!node.has(name)) {
            assertThat(node.list("")).isEmpty();
            node.pull(name);
          }
          assertThat(layersOf(node)).isEqualTo(whole);
        }
      }
      assertThat(killed).isPositive();
    }
  }

  private Path configured(LocalRegistry registry, String name) throws IOException {
    Path store = Files.createDirectory(folder.resolve(name));
    registry.configure(TestNode.hosts(store));
    return store;
  }

  private static SortedMap<String, String> layersOf(TestNode node) throws IOException {
    return TreeListing.of(node.root().resolve("layers"), _ -> true, false);
  }

  /** Runs a pull; false when it was killed before its end. */
  private boolean run(Path store, String name, long nanos) throws Exception {
    Process process = PullProgram.start(store, name, format);
    if (process.waitFor(nanos, TimeUnit.NANOSECONDS)) {
      return process.exitValue() == 0;
    }
    process.destroyForcibly();
    process.waitFor();
    return false;
  }
}
