package io.crij.monitor.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PaceTest {
  private static final int CAPACITY = PipeBudget.LARGEST_BYTES;
  private static final int HALF = CAPACITY / 2;

  @ParameterizedTest
  @ValueSource(doubles = {0.2, 0.3, 0.5, 0.7})
  void letsThePipeBecomeHalfFullWhileTheWriterIsSlowerThanTheMonitor(double bytesANano) {
    Flood flood = settled(bytesANano);

    assertThat(flood.blockedNanos).isZero();
    assertThat(flood.emptiest).isGreaterThan(CAPACITY / 4);
    assertThat(flood.fullest).isLessThan(CAPACITY * 3 / 4);
  }

  @ParameterizedTest
  @ValueSource(doubles = {2, 10})
  void takesHalfOfAPipeWithoutWaitingWhileTheWriterIsFaster(double bytesANano) {
    Flood flood = settled(bytesANano);

    assertThat(flood.pace.share(CAPACITY, CAPACITY)).isEqualTo(HALF);
    assertThat(flood.emptiest).isEqualTo(HALF);
    assertThat(flood.waitedNanos).isZero();
  }

  @Test
  void waitsAMillisecondForAWriterOfFewLines() {
    Flood quiet = settled(0.0001);

    assertThat(quiet.pace.halfFullNanos()).isEqualTo(Pace.LONGEST_NANOS);
  }

  private static Flood settled(double bytesANano) {
    Flood flood = new Flood(bytesANano);
    flood.turns(100);
    flood.forget();
    flood.turns(200);
    return flood;
  }

  /** A writer and a monitor that has its pace, in a time of their own. */
  private static final class Flood {
    /** What a turn takes, whatever it logs. */
    private static final long TURN_NANOS = 20_000;

    private static final double LOGGED_NANOS_A_BYTE = 1;

    private final Pace pace = new Pace();
    private final double writtenBytesANano;
    private long nowNanos = System.nanoTime();
    private double inPipe;
    private long waitedNanos;
    private long blockedNanos;
    private int fullest;
    private int emptiest;

    private Flood(double writtenBytesANano) {
      this.writtenBytesANano = writtenBytesANano;
    }

    private void forget() {
      waitedNanos = 0;
      blockedNanos = 0;
      fullest = 0;
      emptiest = CAPACITY;
    }

    private void turns(int count) {
      for (int i = 0; i < count; i++) {
        turn();
      }
    }

    private void turn() {
      long wait = Math.max(0, pace.nextLookNanos() - nowNanos);
      waitedNanos += wait;
      write(wait);
      int limit = pace.share(CAPACITY, CAPACITY);
      int seen = Math.max(1, Math.min(limit, (int) inPipe));
      fullest = Math.max(fullest, seen);
      emptiest = Math.min(emptiest, seen);
      pace.looked(seen, limit, CAPACITY, nowNanos);
      write(TURN_NANOS + (long) (seen * LOGGED_NANOS_A_BYTE));
      inPipe = Math.max(0, inPipe - seen);
    }

    /** The writer goes on for a time, or until the pipe is full. */
    private void write(long nanos) {
      nowNanos += nanos;
      double written = Math.min(CAPACITY - inPipe, nanos * writtenBytesANano);
      inPipe += written;
      // Not below 0: the quotient may be a little more than what it was made of.
      blockedNanos += Math.max(0, nanos - (long) Math.ceil(written / writtenBytesANano));
    }
  }
}
