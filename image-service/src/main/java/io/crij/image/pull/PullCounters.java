package io.crij.image.pull;

import io.crij.image.progress.PullProgress;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** What all pulls of this process did, for whoever measures. */
public final class PullCounters {
  private final LongAdder succeeded = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder downloadedBytes = new LongAdder();
  private final LongAdder nanos = new LongAdder();

  PullCounters() {}

  void add(boolean done, PullProgress progress, Duration taken) {
    (done ? succeeded : failed).increment();
    nanos.add(taken.toNanos());
    for (PullProgress.Layer layer : progress.layers()) {
      downloadedBytes.add(layer.progress().ownDownloadedBytes());
    }
  }

  public long succeeded() {
    return succeeded.sum();
  }

  public long failed() {
    return failed.sum();
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
