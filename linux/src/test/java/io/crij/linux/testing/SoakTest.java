package io.crij.linux.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The measure itself: this JVM made bigger on purpose. */
final class SoakTest {
  private static final long SELF = ProcessHandle.current().pid();

  @Test
  void eachKindOfGrowthIsSeen() {
    ProcessUse before = new ProcessUse(10, 1, 5, 0, 1000, 5000);
    assertThat(new ProcessUse(9, 1, 5, 0, 1100, 5200).growthSince(before, 100, 200)).isEmpty();
    assertThat(new ProcessUse(11, 2, 6, 1, 1101, 5201).growthSince(before, 100, 200))
        .containsExactly(
            "11 descriptors, 10 before",
            "2 terminals, 1 before",
            "6 threads, 5 before",
            "1 zombies, 0 before",
            "1101 bytes of heap, 1000 before",
            "5201 bytes resident, 5000 before");
  }

  @Test
  void livingObjectsCountAndGarbageDoesNot() {
    long before = ProcessUse.of(SELF).heapBytes();
    assertThat(heapWith(new byte[8 << 20]) - before).isGreaterThan(7 << 20);
    assertThat(ProcessUse.of(SELF).heapBytes() - before).isLessThan(4 << 20);
  }

  private static long heapWith(byte[] kept) {
    try {
      return ProcessUse.of(SELF).heapBytes();
    } finally {
      Reference.reachabilityFence(kept);
    }
  }

  @Test
  void descriptorsAreCountedWhileTheyAreOpen() throws Exception {
    int before = ProcessUse.of(SELF).descriptors();
    try (var file = java.nio.channels.FileChannel.open(Path.of("/proc/self/stat"))) {
      assertThat(file.isOpen()).isTrue();
      assertThat(ProcessUse.of(SELF).descriptors()).isGreaterThan(before);
    }
  }

  @Test
  void allRoundsAreDoneOnceAlsoInParallel() throws Exception {
    AtomicInteger done = new AtomicInteger();
    Soak.of(SELF).inParallel(4).run(1000, _ -> done.incrementAndGet());
    assertThat(done).hasValue(20 + Soak.rounds(1000));
  }

  @Test
  void aRoundThatFailsEndsTheRun() {
    assertThatThrownBy(() ->
            Soak.of(SELF)
                .run(
                    1000,
                    n -> {
                      throw new IllegalStateException("round " + n);
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("a round failed: java.lang.IllegalStateException: round 0");
  }
}
