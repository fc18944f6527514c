package io.crij.image.work;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.image.polling.Polling;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class SlotsTest {
  private final Slots slots = new Slots(1);
  private final List<String> served = Collections.synchronizedList(new ArrayList<>());

  @Test
  void theMostUrgentIsNextAndOfEqualsTheFirst() throws Exception {
    Slots.Slot held = slots.acquire(() -> Priority.NORMAL);
    AtomicReference<Priority> raised = new AtomicReference<>(Priority.PREFETCH);
    List<Thread> threads =
        List.of(
            waiter("prefetch", new AtomicReference<>(Priority.PREFETCH)),
            waiter("first", new AtomicReference<>(Priority.NORMAL)),
            waiter("raised", raised),
            waiter("second", new AtomicReference<>(Priority.NORMAL)),
            waiter("node", new AtomicReference<>(Priority.NODE)));
    raised.set(Priority.NODE);
    assertThat(slots.tryAcquire()).isFalse();
    held.close();
    held.close();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(served).containsExactly("raised", "node", "first", "second", "prefetch");
    assertThat(slots.tryAcquire()).isTrue();
    assertThat(slots.tryAcquire()).isFalse();
  }

  @Test
  void whoIsInterruptedTakesNothing() throws Exception {
    Slots.Slot held = slots.acquire(() -> Priority.NORMAL);
    Thread gone = waiter("gone", new AtomicReference<>(Priority.NODE));
    Thread stays = waiter("stays", new AtomicReference<>(Priority.PREFETCH));
    gone.interrupt();
    gone.join();
    held.close();
    stays.join();
    assertThat(served).containsExactly("stays");
    assertThat(slots.tryAcquire()).isTrue();
  }

  /** One that waits when this returns. */
  private Thread waiter(String name, AtomicReference<Priority> priority) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              begun.countDown();
              try (Slots.Slot _ = slots.acquire(priority::get)) {
                served.add(name);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    begun.await();
    Polling.untilIn(Slots.class, List.of(thread));
    return thread;
  }
}
