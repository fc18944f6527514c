package io.crij.runtime.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.runtime.ServiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NamesTest {
  private final List<String> told = Collections.synchronizedList(new ArrayList<>());
  private final Names names = new Names("pod sandbox", new Told());
  private final AtomicInteger made = new AtomicInteger();

  private final class Told implements StageWatch, StageWatch.Making {
    @Override
    public Making begins() {
      told.add("begins");
      return this;
    }

    @Override
    public void stage(Stage stage) {
      told.add(stage.label());
    }

    @Override
    public void ends(@Nullable Throwable failure) {
      told.add(failure == null ? "made" : "failed: " + failure.getMessage());
    }

    @Override
    public void stalled(Stage stage) {
      told.add("stalled at " + stage.label());
    }
  }

  private String make(Steps steps) {
    return "id-" + made.incrementAndGet();
  }

  @Test
  void aHeldNameIsRefusedAndNamesItsHolder() {
    assertThat(names.claim("a", "request", this::make)).isEqualTo("id-1");

    assertThatThrownBy(() -> names.claim("a", "request", this::make))
        .isInstanceOf(ServiceException.AlreadyExists.class)
        .hasMessageContaining("id-1");
    names.release("a", "another");
    assertThatThrownBy(() -> names.claim("a", "request", this::make))
        .isInstanceOf(ServiceException.AlreadyExists.class);
    names.release("a", "id-1");
    assertThat(names.claim("a", "request", this::make)).isEqualTo("id-2");
  }

  @Test
  void whatTheRecordsHoldIsRefused() {
    names.hold("a", "old");
    assertThatThrownBy(() -> names.claim("a", "request", this::make)).hasMessageContaining("old");
  }

  @Test
  void aFailedRequestFreesTheName() {
    assertThatThrownBy(() ->
            names.claim(
                "a",
                "request",
                _ -> {
                  throw new ServiceException.InvalidArgument("no");
                }))
        .isInstanceOf(ServiceException.InvalidArgument.class);
    assertThatThrownBy(() ->
            names.claim(
                "a",
                "request",
                _ -> {
                  throw new IllegalStateException("broken");
                }))
        .isInstanceOf(ServiceException.Internal.class)
        .hasMessageContaining("broken");
    assertThat(told).containsExactly("begins", "failed: no", "begins", "failed: broken");
    assertThat(names.claim("a", "request", this::make)).isEqualTo("id-1");
  }

  @Test
  void theSameRequestJoinsAndAnotherIsRefused() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    List<Future<String>> results = new ArrayList<>();
    Waiting callers = new Waiting();
    try (var threads = Executors.newThreadPerTaskExecutor(callers)) {
      for (int i = 0; i < 20; i++) {
        results.add(
            threads.submit(() ->
                names.claim(
                    "a",
                    "request",
                    steps -> {
                      started.countDown();
                      Assertions.assertThatCode(go::await).doesNotThrowAnyException();
                      return make(steps);
                    })));
      }
      started.await();
      assertThatThrownBy(() -> names.claim("a", "another request", this::make))
          .isInstanceOf(ServiceException.AlreadyExists.class)
          .hasMessageContaining("beginning since");
      callers.await(20);
      go.countDown();
    }
    for (Future<String> result : results) {
      // One that came too late to join is refused like any other.
      if (result.state() == Future.State.SUCCESS) {
        assertThat(result.get()).isEqualTo("id-1");
      }
    }
    assertThat(made).hasValue(1);
  }

  @Test
  void aRequestWhoseCallerLeftGoesOnAndIsAdoptedByItsRepetition() throws Exception {
    CountDownLatch attaching = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    AtomicReference<Throwable> seen = new AtomicReference<>();
    Waiting callers = new Waiting();
    Thread caller =
        callers.newThread(() -> {
          try {
            names.claim(
                "a",
                "request",
                steps -> {
                  steps.begin(Stage.NETWORK);
                  attaching.countDown();
                  Assertions.assertThatCode(go::await).doesNotThrowAnyException();
                  done.countDown();
                  return make(steps);
                });
          } catch (ServiceException e) {
            seen.set(e);
          }
        });
    caller.start();
    callers.await(1);
    attaching.await();
    caller.interrupt();
    assertThat(caller.join(Duration.ofMinutes(1))).isTrue();
    assertThat(seen.get())
        .isInstanceOf(ServiceException.DeadlineExceeded.class)
        .hasMessageContaining("attaching the network since ");
    assertThat(told).containsExactly("begins", "network", "stalled at network");

    go.countDown();
    done.await();
    assertThat(names.claim("a", "request", this::make)).isEqualTo("id-1");
    assertThat(told).endsWith("stalled at network", "made");
    assertThatThrownBy(() -> names.claim("a", "request", this::make))
        .as("it was given away")
        .isInstanceOf(ServiceException.AlreadyExists.class);
  }

  @Test
  void joinedCallsRunOnce() throws Exception {
    JoinedCalls calls = new JoinedCalls("stop");
    CountDownLatch go = new CountDownLatch(1);
    List<Future<?>> results = new ArrayList<>();
    Waiting callers = new Waiting();
    try (var threads = Executors.newThreadPerTaskExecutor(callers)) {
      for (int i = 0; i < 10; i++) {
        results.add(
            threads.submit(() ->
                calls.run(
                    "a",
                    () -> {
                      Assertions.assertThatCode(go::await).doesNotThrowAnyException();
                      made.incrementAndGet();
                      throw new ServiceException.Internal("not today");
                    })));
      }
      callers.await(10);
      go.countDown();
    }
    assertThat(results)
        .allSatisfy(result -> assertThat(result.exceptionNow()).hasMessage("not today"));
    assertThat(made).hasValue(1);
    calls.run("a", made::incrementAndGet);
    assertThat(made).as("a later call runs again").hasValue(2);
  }
}
