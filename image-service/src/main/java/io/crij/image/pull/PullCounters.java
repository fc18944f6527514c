package io.crij.image.pull;

import io.crij.image.progress.PullProgress;
import io.crij.image.progress.Stage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/**
 * What all pulls of this process did and do, for whoever measures: meters that {@code
 * docs/metrics.md} names. Those of artifacts are counted too. Labels are words of this program
 * alone, never a name, an address or a message.
 */
public final class PullCounters {
  /** What a kubelet and its user would call fast, slow, and far too slow. */
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(500),
    Duration.ofSeconds(2),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30),
    Duration.ofMinutes(2),
    Duration.ofMinutes(10)
  };

  /** In bytes. */
  private static final double[] LAYER_BUCKETS = {1e3, 1e6, 1e7, 1e8, 1e9, 1e10};

  private final Map<PullResult, Timer> results = new EnumMap<>(PullResult.class);
  private final Map<PullStages.Stage, Timer> stages = new EnumMap<>(PullStages.Stage.class);
  private final Counter layers;
  private final Counter reusedLayers;
  private final Counter reusedBytes;
  private final DistributionSummary layerBytes;
  private final Set<PullProgress> underWay = ConcurrentHashMap.newKeySet();
  private long receivedBefore;
  private long retriesBefore;

  PullCounters(MeterRegistry registry) {
    for (PullResult result : PullResult.values()) {
      results.put(
          result,
          Timer.builder("crij.image.pull")
              .description("Pulls that ended, by how, and how long they took")
              .tag("result", word(result))
              .serviceLevelObjectives(BUCKETS)
              .register(registry));
    }
    for (PullStages.Stage stage : PullStages.Stage.values()) {
      stages.put(
          stage,
          Timer.builder("crij.image.pull.stage")
              .description("Stages of pulls, and how long they took")
              .tag("stage", stage.label())
              .serviceLevelObjectives(BUCKETS)
              .register(registry));
    }
    layers =
        Counter.builder("crij.image.pull.layers")
            .description("Layers, and blobs of artifacts, that pulls brought")
            .register(registry);
    reusedLayers =
        Counter.builder("crij.image.pull.layers.reused")
            .description("Layers that a pull wanted and that were there")
            .register(registry);
    reusedBytes =
        Counter.builder("crij.image.pull.reused")
            .description("Compressed size of layers that a pull wanted and that were there")
            .baseUnit(BaseUnits.BYTES)
            .register(registry);
    layerBytes =
        DistributionSummary.builder("crij.image.pull.layer.size")
            .description("Compressed sizes of layers, and blobs of artifacts, that pulls brought")
            .baseUnit(BaseUnits.BYTES)
            .serviceLevelObjectives(LAYER_BUCKETS)
            .register(registry);
    FunctionCounter.builder("crij.image.pull.received", this, PullCounters::receivedBytes)
        .description("Compressed bytes of layers that came from registries")
        .baseUnit(BaseUnits.BYTES)
        .register(registry);
    FunctionCounter.builder("crij.image.pull.retries", this, PullCounters::retries)
        .description("How often a host failed a layer, and it or another one was asked again")
        .register(registry);
    registerProgress(registry);
  }

  private void registerProgress(MeterRegistry registry) {
    Gauge.builder("crij.image.pull.active", underWay, Set::size)
        .description("Pulls under way")
        .register(registry);
    Gauge.builder("crij.image.pull.remaining", this, PullCounters::remainingBytes)
        .description("Compressed bytes of layers that pulls under way still want")
        .baseUnit(BaseUnits.BYTES)
        .register(registry);
    for (Stage stage : List.of(Stage.WAITING, Stage.DOWNLOADING, Stage.RETRYING, Stage.UNPACKING)) {
      Gauge.builder(
              "crij.image.pull.active.layers",
              this,
              counters -> counters.sum(progress -> progress.layersAt(stage)))
          .description("Layers of pulls under way, by where they stand")
          .tag("stage", word(stage))
          .register(registry);
    }
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  void passed(PullStages.Stage stage, Duration taken) {
    Objects.requireNonNull(stages.get(stage)).record(taken);
  }

  void begin(PullProgress progress) {
    underWay.add(progress);
  }

  synchronized void end(PullProgress progress, PullResult result, Duration taken) {
    underWay.remove(progress);
    receivedBefore += progress.receivedBytes();
    retriesBefore += progress.retries();
    for (PullProgress.Layer layer : progress.layers()) {
      count(layer);
    }
    Objects.requireNonNull(results.get(result)).record(taken);
  }

  private void count(PullProgress.Layer layer) {
    if (layer.progress().stage() == Stage.DONE) {
      layers.increment();
      layerBytes.record((double) layer.sizeBytes());
    } else if (layer.progress().stage() == Stage.EXISTS) {
      reusedLayers.increment();
      reusedBytes.increment((double) layer.sizeBytes());
    }
  }

  /** How many pulls ended in which way; none that never happened. */
  public Map<PullResult, Long> results() {
    Map<PullResult, Long> counts = new EnumMap<>(PullResult.class);
    results.forEach((result, timer) -> {
      if (timer.count() > 0) {
        counts.put(result, timer.count());
      }
    });
    return counts;
  }

  /** Layers, and blobs of artifacts, that came. */
  public long layers() {
    return (long) layers.count();
  }

  /** Compressed bytes of layers that came so far, those included that came twice; never falls. */
  public synchronized long receivedBytes() {
    return receivedBefore + sum(PullProgress::receivedBytes);
  }

  private synchronized long retries() {
    return retriesBefore + sum(PullProgress::retries);
  }

  private long remainingBytes() {
    return sum(progress -> progress.totalBytes() - progress.hereBytes());
  }

  private long sum(ToLongFunction<PullProgress> count) {
    return new ArrayList<>(underWay).stream().mapToLong(count).sum();
  }

  /** How long all pulls together took that have ended. */
  public Duration taken() {
    double nanos = 0;
    for (Timer timer : results.values()) {
      nanos += timer.totalTime(TimeUnit.NANOSECONDS);
    }
    return Duration.ofNanos((long) nanos);
  }
}
