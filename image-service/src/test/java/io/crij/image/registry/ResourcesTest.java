package io.crij.image.registry;

import static io.crij.image.registry.Pulls.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.registry.fake.FakeRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pull, however it ends, leaves neither threads nor descriptors. */
class ResourcesTest {
  private static final byte[] CONTENT = new byte[400_000];
  private static final int SECONDS_TO_BEGIN = 3;

  @TempDir Path folder;

  @Test
  void nothingIsLeftOfPulls() throws Exception {
    try (FakeRegistry registry = FakeRegistry.plain()) {
      Descriptor whole = registry.blob(REPOSITORY, CONTENT);
      Descriptor cut = registry.blob(REPOSITORY, new byte[CONTENT.length + 1]);
      registry.on(
          FakeRegistry.blobPath(REPOSITORY, cut),
          FakeRegistry.cutAfter(100, new byte[CONTENT.length + 1]));
      Pulls node = new Pulls(folder, registry).plain();
      for (int i = 0; i < 3; i++) {
        pull(node, whole, cut);
      }
      settle(SECONDS_TO_BEGIN, 0, 0);
      int descriptors = descriptors();
      int threads = Thread.activeCount();
      for (int i = 0; i < 30; i++) {
        pull(node, whole, cut);
      }
      settle(60, descriptors, threads);
      // The server of the test keeps some connections for a while.
      assertThat(descriptors()).isLessThanOrEqualTo(descriptors + 10);
      assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 1);
    }
  }

  /** Reads one blob whole, gives another up in its middle, fails with a third and a missing one. */
  private static void pull(Pulls node, Descriptor whole, Descriptor cut) throws IOException {
    try (ImageSource source = node.open(":v1")) {
      try (InputStream stream = source.blob(whole)) {
        assertThat(stream.readAllBytes()).hasSize(CONTENT.length);
      }
      try (InputStream stream = source.blob(whole)) {
        assertThat(stream.read()).isZero();
      }
      try (InputStream stream = source.blob(cut)) {
        assertThat(stream.readAllBytes()).isEmpty();
      } catch (ImageException.Unavailable e) {
        assertThat(e).hasMessageContaining(cut.digest().toString());
      }
      try {
        source.resolve();
      } catch (ImageException.NotFound e) {
        assertThat(e).hasMessageContaining("404");
      }
    }
  }

  private static void settle(int seconds, int descriptors, int threads) throws Exception {
    Instant end = Instant.now().plusSeconds(seconds);
    while (Instant.now().isBefore(end)
        && (descriptors() > descriptors || Thread.activeCount() > threads)) {
      Thread.sleep(50);
    }
  }

  private static int descriptors() throws IOException {
    try (Stream<Path> list = Files.list(Path.of("/proc/self/fd"))) {
      return (int) list.count();
    }
  }
}
