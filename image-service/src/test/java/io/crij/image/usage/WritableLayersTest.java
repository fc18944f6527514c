package io.crij.image.usage;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WritableLayersTest {
  @TempDir Path folder;
  private WritableLayers layers;
  private final Semaphore slowness = new Semaphore(1);
  private volatile Instant now = Instant.parse("2026-01-02T03:04:05Z");

  @BeforeEach
  void open() throws IOException {
    layers = new WritableLayers(folder.resolve("containers"), new SetClock());
  }

  private final class SetClock extends Clock {
    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    /** The counting thread asks when it has counted one. */
    @Override
    public Instant instant() {
      if (Thread.currentThread().getName().equals("writable-layers")) {
        slowness.acquireUninterruptibly();
        slowness.release();
      }
      return now;
    }
  }

  private void write(String container, String file, int bytes) throws IOException {
    Path upper =
        Files.createDirectories(folder.resolve("containers").resolve(container + "/upper"));
    Files.write(upper.resolve(file), new byte[bytes]);
  }

  private WritableLayers.Count of(String container) {
    await(
        "the count of " + container,
        () -> layers.counts(List.of(container)).containsKey(container));
    return Objects.requireNonNull(layers.counts(List.of(container)).get(container));
  }

  @Test
  void eachContainerIsCountedByItself() throws IOException {
    write("a", "one", 100_000);
    write("a", "two", 1);
    write("b", "one", 5000);

    assertThat(of("a").bytes()).isBetween(100_000L, 200_000L);
    assertThat(of("a").inodes()).isEqualTo(2);
    assertThat(of("b").bytes()).isBetween(5000L, 20_000L);
    assertThat(layers.get().inodes()).isEqualTo(3);
    assertThat(of("a").at()).isEqualTo(now);
  }

  @Test
  void aNewContainerIsCountedAtOnceAndTheOthersLater() throws IOException {
    write("a", "one", 1);
    of("a");
    Instant first = now;
    now = now.plusSeconds(1);
    write("a", "two", 1);
    write("b", "one", 1);

    assertThat(of("b")).satisfies(count -> assertThat(count.at()).isEqualTo(now));
    assertThat(of("a"))
        .satisfies(count -> assertThat(count.at()).isEqualTo(first))
        .satisfies(count -> assertThat(count.inodes()).isEqualTo(1));

    now = now.plus(Duration.ofSeconds(10));
    await("the next count", () -> of("a").inodes() == 2);
  }

  @Test
  void whoAsksForManyOneByOneWaitsForOneCountOnce() throws IOException {
    write("a", "one", 1);
    slowness.acquireUninterruptibly();
    long begin = System.nanoTime();
    for (int i = 0; i < 200; i++) {
      assertThat(layers.counts(List.of("a"))).isEmpty();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
    slowness.release();
    assertThat(of("a").inodes()).isEqualTo(1);
  }

  /** Fault F-27. */
  @Test
  void aClockThatIsSetBackDoesNotEndTheCounting() throws IOException {
    write("a", "one", 1);
    of("a");
    write("a", "two", 1);
    now = now.minus(Duration.ofHours(1));

    await("the next count", () -> of("a").inodes() == 2);
  }

  @Test
  void aContainerThatIsGoneIsForgotten() throws IOException {
    write("a", "one", 1);
    of("a");
    Files.delete(folder.resolve("containers/a/upper/one"));
    Files.delete(folder.resolve("containers/a/upper"));
    Files.delete(folder.resolve("containers/a"));
    now = now.plus(Duration.ofSeconds(11));

    await("that it is forgotten", () -> !layers.counts(List.of()).containsKey("a"));
  }
}
