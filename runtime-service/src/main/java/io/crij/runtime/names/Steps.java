package io.crij.runtime.names;

import java.time.Duration;

/** What a verb is doing now and since when, for those who wait for it. Any thread may look. */
public final class Steps {
  private record Step(String what, long sinceNanos) {}

  private volatile Step current = new Step("beginning", System.nanoTime());

  /**
   * Says what is done from now on.
   *
   * @param what as in "still {@code what} since 5 s", e.g. "attaching the network"
   */
  public void begin(String what) {
    current = new Step(what, System.nanoTime());
  }

  /** E.g. "attaching the network since 5 s". */
  @Override
  public String toString() {
    Step step = current;
    return step.what() + " since " + seconds(System.nanoTime() - step.sinceNanos());
  }

  private static String seconds(long nanos) {
    return Duration.ofNanos(nanos).toSeconds() + " s";
  }
}
