package io.crij.image.pull;

import io.crij.image.progress.PullProgress;
import io.crij.image.progress.Stage;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What all pulls of this process did, for whoever measures. Those of artifacts are counted too. */
public final class PullCounters {
  private final Map<PullResult, LongAdder> results = new ConcurrentHashMap<>();
  private final LongAdder layers = new LongAdder();
  private final LongAdder downloadedBytes = new LongAdder();
  private final LongAdder nanos = new LongAdder();

  PullCounters() {}

  void add(PullResult result, PullProgress progress, Duration taken) {
    results.computeIfAbsent(result, _ -> new LongAdder()).increment();
    nanos.add(taken.toNanos());
    for (PullProgress.Layer layer : progress.layers()) {
      long bytes = layer.progress().ownDownloadedBytes();
      downloadedBytes.add(bytes);
      if (bytes > 0 && layer.progress().stage() == Stage.DONE) {
        layers.increment();
      }
    }
  }

  /** How many pulls ended in which way; none that never happened. */
  public Map<PullResult, Long> results() {
    Map<PullResult, Long> counts = new EnumMap<>(PullResult.class);
    results.forEach((result, count) -> counts.put(result, count.sum()));
    return counts;
  }

  /** Layers, and blobs of artifacts, that came. */
  public long layers() {
    return layers.sum();
  }

  /** Compressed bytes of layers that came, those included that came twice. */
  public long downloadedBytes() {
    return downloadedBytes.sum();
  }

  /** How long all pulls together took. */
  public Duration taken() {
    return Duration.ofNanos(nanos.sum());
  }
}
