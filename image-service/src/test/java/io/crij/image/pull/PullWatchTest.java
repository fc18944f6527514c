package io.crij.image.pull;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.crij.image.name.Digest;
import io.crij.image.progress.LayerProgress;
import io.crij.image.progress.PullProgress;
import io.crij.image.progress.Stage;
import io.crij.linux.testing.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A pull whose bytes the test moves. */
final class PullWatchTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  private final Lines lines = new Lines();
  private final Logger logger = (Logger) LoggerFactory.getLogger(PullWatch.class);
  private final LayerProgress layer = new LayerProgress();
  private final PullProgress progress = new PullProgress();

  /** What is said. */
  private static final class Lines extends AppenderBase<ILoggingEvent> {
    final ConcurrentLinkedQueue<String> said = new ConcurrentLinkedQueue<>();

    @Override
    protected void append(ILoggingEvent line) {
      said.add(line.getFormattedMessage());
    }
  }

  @BeforeEach
  void begin() {
    lines.start();
    logger.addAppender(lines);
    progress.begin(List.of(new PullProgress.Layer(Digest.sha256(new byte[0]), 8_000_000, layer)));
    layer.downloaded(2_000_000);
    layer.enter(Stage.UNPACKING);
  }

  @AfterEach
  void end() {
    logger.detachAppender(lines);
  }

  @Test
  void unpackingIsProgressAndIsSaidUntilItStops() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    Thread pull =
        Thread.ofPlatform()
            .start(() -> {
              try (PullWatch _ = PullWatch.start("example.com/app:v1", progress, TIMEOUT)) {
                Thread.sleep(Duration.ofMinutes(4));
              } catch (InterruptedException _) {
                ended.countDown();
              }
            });
    long begun = System.nanoTime();
    Eventually.await(
        "nothing but unpacking for longer than the timeout, and a line in the log",
        () -> {
          layer.unpacked(1);
          return System.nanoTime() - begun > 2 * TIMEOUT.toNanos() && !lines.said.isEmpty();
        });

    assertThat(ended.getCount()).as("the pull goes on").isEqualTo(1);
    assertThat(lines.said)
        .first()
        .asString()
        .matches("pull example.com/app:v1: 2.0 of 8.0 MB, 0.[0-4] MB/s, 0 of 1 layers");
    ended.await();
    pull.join();
  }
}
