package io.crij.runtime.meters;

import io.crij.runtime.names.Stage;
import io.crij.runtime.names.StageWatch;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How long the stages take in which pods and containers are made, and where callers gave up. */
public final class StageMeters implements StageWatch {
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(10),
    Duration.ofMillis(50),
    Duration.ofMillis(200),
    Duration.ofSeconds(1),
    Duration.ofSeconds(10),
    Duration.ofMinutes(1)
  };

  private final Map<Stage, Timer> taken = new EnumMap<>(Stage.class);
  private final Map<Stage, Counter> stalled = new EnumMap<>(Stage.class);

  public StageMeters(MeterRegistry registry) {
    for (Stage stage : Stage.values()) {
      taken.put(
          stage,
          Timer.builder("crij.stage")
              .description("Stages in which pods and containers are made, and how long they took")
              .tag("stage", stage.label())
              .serviceLevelObjectives(BUCKETS)
              .register(registry));
      stalled.put(
          stage,
          Counter.builder("crij.stage.stalled")
              .description("Callers that left while what they asked for stood at a stage")
              .tag("stage", stage.label())
              .register(registry));
    }
  }

  @Override
  public Making begins() {
    return new Measured();
  }

  @Override
  public void stalled(Stage stage) {
    Objects.requireNonNull(stalled.get(stage)).increment();
  }

  private final class Measured implements Making {
    private Stage current = Stage.BEGINNING;
    private long since = System.nanoTime();

    @Override
    public void stage(Stage stage) {
      long now = System.nanoTime();
      Objects.requireNonNull(taken.get(current)).record(Duration.ofNanos(now - since));
      current = stage;
      since = now;
    }

    @Override
    public void ends(@Nullable Throwable failure) {
      stage(current);
    }
  }
}
