package io.crij.monitor.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.Fd;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is concluded from a cgroup's events, with a counter that the test adds to. */
final class ShortagesTest {
  private final Fd counter = Descriptors.eventCounter();
  private final Shortages shortages = new Shortages(counter);

  @AfterEach
  void closeCounter() {
    counter.close();
  }

  private void event() {
    NativeBuffer one = NativeBuffer.allocate(Long.BYTES);
    one.bytes().order(ByteOrder.nativeOrder()).putLong(0, 1);
    assertThat(Descriptors.write(counter, one, 0, Long.BYTES)).isEqualTo(Long.BYTES);
  }

  @Test
  void oneEventMayBeTheRemoval() {
    event();
    assertThat(shortages.endedIt()).isFalse();
  }

  @Test
  void oneThatWasHeardBeforeTheRemovalWasAShortage() {
    event();
    shortages.heard(true);
    assertThat(shortages.endedIt()).isTrue();
  }

  @Test
  void oneThatIsHeardAfterTheRemovalTellsNothing() {
    event();
    shortages.heard(false);
    assertThat(shortages.endedIt()).isFalse();
  }

  @Test
  void ofTwoOneWasAShortage() {
    event();
    event();
    assertThat(shortages.endedIt()).isTrue();
  }

  @Test
  void whatKilledNobodyIsForgotten() {
    event();
    shortages.heard(true);
    shortages.settle();
    event();
    assertThat(shortages.endedIt()).isFalse();
  }
}
