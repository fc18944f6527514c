package io.crij.image.gc;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes away again and again what has come of age: what pulls that were cut short had got. */
public final class Expiry implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Expiry.class);

  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final int LOOKS_EACH_AGE = 4;

  private final Runnable collect;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("image-expiry").factory());

  private Expiry(Runnable collect) {
    this.collect = collect;
  }

  /**
   * Begins.
   *
   * @param age of what expires; decides how often is looked
   * @param collect takes it away
   */
  public static Expiry start(Duration age, Runnable collect) {
    Expiry expiry = new Expiry(collect);
    Duration pause = age.dividedBy(LOOKS_EACH_AGE);
    pause = pause.compareTo(SHORTEST) < 0 ? SHORTEST : pause;
    long millis = (pause.compareTo(LONGEST) > 0 ? LONGEST : pause).toMillis();
    var _ = expiry.timer.scheduleWithFixedDelay(expiry::run, millis, millis, TimeUnit.MILLISECONDS);
    return expiry;
  }

  private void run() {
    try {
      collect.run();
    } catch (RuntimeException e) {
      log.warn("what is not needed any more stays for now: {}", e.getMessage());
    }
  }

  /** Ends after the look that is under way. */
  @Override
  public void close() {
    timer.close();
  }
}
