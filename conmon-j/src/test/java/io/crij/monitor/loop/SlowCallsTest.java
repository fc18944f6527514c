package io.crij.monitor.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The test is the loop: tasks run when it says so. */
@Timeout(60)
final class SlowCallsTest {
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final SlowCalls calls =
      new SlowCalls(task -> {
        synchronized (tasks) {
          tasks.add(task);
        }
      });
  private final List<String> done = Collections.synchronizedList(new ArrayList<>());

  @Test
  void whateverFailsTheOthersGoOn() {
    calls.start(
        () -> {
          throw new IllegalStateException("of the call");
        },
        () -> {
          throw new IllegalStateException("of what comes then");
        });
    calls.whenFree(() -> {
      throw new IllegalStateException("of one that waits");
    });
    calls.whenFree(() -> calls.start(() -> done.add("call"), () -> done.add("then")));
    calls.whenFree(() -> done.add("free"));

    calls.await();
    assertThat(calls.isUnderWay()).isTrue();
    calls.await();
    assertThat(done).containsExactlyInAnyOrder("free", "call", "then");
    assertThat(calls.isBusy()).isFalse();
  }

  @Test
  void oneAtATime() {
    CountDownLatch goesOn = new CountDownLatch(1);
    calls.start(() -> awaitUnchecked(goesOn), () -> done.add("first"));
    calls.whenFree(() -> done.add("free"));
    assertThatThrownBy(() -> calls.start(() -> {}, () -> {}))
        .isInstanceOf(IllegalStateException.class);
    assertThat(done).isEmpty();
    goesOn.countDown();
    calls.await();
    assertThat(done).containsExactly("first", "free");
  }

  @Test
  void whatIsHeldWaits() {
    calls.start(() -> done.add("call"), () -> done.add("then"));
    calls.hold();
    calls.whenFree(() -> done.add("free"));
    calls.await();
    assertThat(done).containsExactly("call", "then");
    assertThat(calls.isUnderWay()).isFalse();
    assertThat(calls.isBusy()).isTrue();
    calls.release();
    assertThat(done).containsExactly("call", "then", "free");
  }

  @Test
  void isFinishedOnceThoughTheLoopIsToldToo() throws Exception {
    calls.start(() -> done.add("call"), () -> done.add("then"));
    calls.await();
    Runnable told = null;
    while (told == null) {
      synchronized (tasks) {
        told = tasks.poll();
      }
      Thread.onSpinWait();
    }
    told.run();
    assertThat(done).containsExactly("call", "then");
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
