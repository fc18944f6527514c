package io.crij.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Context;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class DueTimeTest {
  @Test
  void aTenthOfTheTimeIsLeftAtMostTwoSeconds() {
    assertThat(DueTime.wait(Duration.ofSeconds(10))).isEqualTo(Duration.ofSeconds(9));
    assertThat(DueTime.wait(Duration.ofMinutes(4))).isEqualTo(Duration.ofSeconds(238));
    assertThat(DueTime.wait(Duration.ofSeconds(-10))).isNegative();
  }

  @Test
  void workIsInterruptedBeforeTheDeadline() throws Exception {
    try (var clock = Executors.newSingleThreadScheduledExecutor()) {
      Context.CancellableContext call =
          Context.current().withDeadlineAfter(20, TimeUnit.MINUTES, clock);
      // A deadline that is past is the shortest one.
      Context.CancellableContext late =
          Context.current().withDeadlineAfter(-1, TimeUnit.SECONDS, clock);
      try {
        assertThat(call.call(() -> DueTime.limit(() -> "done"))).isEqualTo("done");
        assertThat(late.call(() -> DueTime.limit(DueTimeTest::waitsForEver)))
            .isEqualTo("interrupted");
        assertThat(Thread.interrupted()).as("left behind").isFalse();
      } finally {
        call.cancel(null);
        late.cancel(null);
      }
    }
  }

  @Test
  void withoutADeadlineNothingIsInterrupted() {
    assertThat(DueTime.limit(() -> "done")).isEqualTo("done");
  }

  private static String waitsForEver() {
    try {
      new CountDownLatch(1).await();
      return "went on";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }
}
