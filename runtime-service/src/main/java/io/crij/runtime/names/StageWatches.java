package io.crij.runtime.names;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells all of them, in their order. */
public record StageWatches(List<StageWatch> watches) implements StageWatch {
  public StageWatches {
    watches = List.copyOf(watches);
  }

  private record All(List<Making> makings) implements Making {
    @Override
    public void stage(Stage stage) {
      makings.forEach(making -> making.stage(stage));
    }

    @Override
    public void ends(@Nullable Throwable failure) {
      makings.forEach(making -> making.ends(failure));
    }
  }

  @Override
  public Making begins() {
    return new All(watches.stream().map(StageWatch::begins).toList());
  }

  @Override
  public void stalled(Stage stage) {
    watches.forEach(watch -> watch.stalled(stage));
  }
}
