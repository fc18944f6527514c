package io.crij.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.image.name.Digest;
import io.crij.image.tar.TestTar;
import io.crij.linux.testing.LeavesNoTrace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many layers a registry is asked for at the same time. */
@Tag("root")
@ExtendWith(LeavesNoTrace.class)
final class PullLimitsKernelTest {
  private static final int LAYERS = 4;
  private static final TestImage APP =
      TestImage.of(
          "",
          IntStream.range(0, LAYERS)
              .mapToObj(i -> new TestTar().file("file" + i, "content " + i).build())
              .toArray(byte[][]::new));

  private final AtomicInteger atOnce = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  @ParameterizedTest
  @CsvSource({"1, 4, 1, 200", "4, 1, 1, 200", "4, 4, 4, 60000"})
  void noMoreThanAreAllowed(
      int downloads, int unpacks, int expected, long patienceMillis, @TempDir Path folder)
      throws IOException {
    try (LocalRegistry registry = new LocalRegistry()) {
      registry.configure(TestNode.hosts(folder));
      registry.add("app", "v1", APP);
      for (int i = 0; i < LAYERS; i++) {
        serveInCompany(registry, APP.layer(i), Duration.ofMillis(patienceMillis));
      }
      PullLimits limits = new PullLimits(Duration.ZERO, downloads, unpacks);
      try (TestNode node =
          new TestNode(folder, ImageStoreConfig.in(folder.resolve("store")), limits)) {
        assertThat(node.pull(registry.name("app", ":v1"))).isEqualTo(APP.id().hex());
      }
      assertThat(most).hasValue(expected);
    }
  }

  /** Answers when all layers were asked for at the same time, or after a while. */
  private void serveInCompany(LocalRegistry registry, Digest layer, Duration patience) {
    byte[] blob = Objects.requireNonNull(APP.blobs().get(layer));
    registry.on(
        LocalRegistry.blobPath("app", layer),
        exchange -> {
          most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
          long end = System.nanoTime() + patience.toNanos();
          while (most.get() < LAYERS && System.nanoTime() < end) {
            LockSupport.parkNanos(1_000_000);
          }
          atOnce.decrementAndGet();
          exchange.sendResponseHeaders(200, blob.length);
          exchange.getResponseBody().write(blob);
        });
  }
}
