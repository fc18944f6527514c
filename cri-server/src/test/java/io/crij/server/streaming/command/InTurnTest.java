package io.crij.server.streaming.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class InTurnTest {
  @Test
  void workThatFailsKeepsTheRestFromNothing() throws InterruptedException {
    InTurn inTurn = new InTurn();
    List<String> done = new CopyOnWriteArrayList<>();
    CountDownLatch end = new CountDownLatch(1);

    inTurn.run(() -> {
      throw new IllegalStateException("as a test wants it");
    });
    inTurn.run(() -> done.add("next"));
    inTurn.run(end::countDown);

    assertThat(end.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(done).containsExactly("next");
  }
}
