package io.crij.image.pull;

import io.crij.image.pull.PullStages.Stage;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The stages of one pull: counted, and told on. */
final class MeasuredPull {
  private final PullCounters counters;
  private final PullStages.Asked told;
  private @Nullable Stage current;
  private long since = System.nanoTime();

  MeasuredPull(PullCounters counters, PullStages.Asked told) {
    this.counters = counters;
    this.told = told;
  }

  void stage(Stage stage) {
    count();
    current = stage;
    told.stage(stage);
  }

  void ends(boolean isDone) {
    count();
    current = null;
    told.ends(isDone);
  }

  private void count() {
    long now = System.nanoTime();
    if (current != null) {
      counters.passed(current, Duration.ofNanos(now - since));
    }
    since = now;
  }
}
