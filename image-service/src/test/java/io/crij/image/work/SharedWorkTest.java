package io.crij.image.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.image.ImageException;
import io.crij.image.polling.Polling;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SharedWorkTest {
  private final SharedWork<String, Integer> work = new SharedWork<>(Thread.ofVirtual().factory());
  private final AtomicInteger runs = new AtomicInteger();

  @AfterEach
  void close() {
    work.close();
  }

  @Test
  void aResultIsNotKept() {
    for (int i = 1; i <= 200; i++) {
      assertThat(work.run("key", runs::incrementAndGet)).isEqualTo(i);
    }
  }

  @Test
  void failuresReachTheCaller() {
    ImageException failure = new ImageException.NotFound("gone");
    assertThatThrownBy(() ->
            work.run(
                "key",
                () -> {
                  throw failure;
                }))
        .isSameAs(failure);
    assertThatThrownBy(() ->
            work.run(
                "key",
                () -> {
                  throw new java.io.IOException("io");
                }))
        .isInstanceOf(ImageException.Internal.class)
        .hasMessageContaining("io");
  }

  @Test
  void workIsInterruptedWhenItsLastCallerLeaves() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    SharedWork.Work<Integer> waiting =
        () -> {
          runs.incrementAndGet();
          started.countDown();
          try {
            Thread.sleep(600_000);
          } catch (InterruptedException e) {
            interrupted.countDown();
            throw e;
          }
          return 0;
        };
    Thread first = caller(waiting);
    assertThat(started.await(60, TimeUnit.SECONDS)).isTrue();
    Thread second = caller(waiting);
    Polling.untilIn(SharedWork.class, List.of(second));
    first.interrupt();
    first.join();
    assertThat(interrupted.getCount()).isEqualTo(1);
    second.interrupt();
    second.join();
    assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(runs).hasValue(1);
    assertThat(work.run("key", () -> 7)).isEqualTo(7);
  }

  @Test
  void nothingStartsOnceItIsClosed() {
    work.close();
    assertThatThrownBy(() -> work.run("key", () -> 1))
        .isInstanceOf(ImageException.Unavailable.class);
  }

  private Thread caller(SharedWork.Work<Integer> waiting) {
    return Thread.ofVirtual()
        .start(() ->
            assertThatThrownBy(() -> work.run("key", waiting))
                .isInstanceOf(ImageException.Unavailable.class));
  }
}
