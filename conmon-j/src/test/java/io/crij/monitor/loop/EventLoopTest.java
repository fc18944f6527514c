package io.crij.monitor.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The loop's beginning and end, as other threads see them. */
final class EventLoopTest {
  @Test
  void doesWhatItWasToldBeforeItWasStopped() {
    List<String> done = new ArrayList<>();
    try (EventLoop loop = new EventLoop()) {
      loop.execute(() -> done.add("first"));
      loop.stop();
      loop.execute(() -> done.add("second"));
      loop.run();
      assertThat(loop.isStopped()).isTrue();
    }
    assertThat(done).containsExactly("first", "second");
  }

  @Test
  void whoComesTooLateIsNotPunished() {
    EventLoop loop = new EventLoop();
    loop.close();
    assertThatCode(loop::stop).doesNotThrowAnyException();
    assertThatCode(() -> loop.execute(() -> {})).doesNotThrowAnyException();
  }
}
