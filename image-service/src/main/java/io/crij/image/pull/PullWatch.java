package io.crij.image.pull;

import io.crij.image.progress.LayerProgress;
import io.crij.image.progress.PullProgress;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a pull that is under way: says every few seconds where it stands, and ends it when
 * neither a byte came nor one was unpacked for too long. Waiting for a turn does not count.
 */
final class PullWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PullWatch.class);

  private static final Duration LONGEST_LOOK = Duration.ofSeconds(1);
  private static final Duration SAID_EVERY = Duration.ofSeconds(5);

  private final String name;
  private final PullProgress progress;
  private final Duration timeout;
  private final Thread pull = Thread.currentThread();
  private final Thread watch;
  private volatile boolean timedOut;
  private boolean over;

  private PullWatch(String name, PullProgress progress, Duration timeout) {
    this.name = name;
    this.progress = progress;
    this.timeout = timeout;
    this.watch = Thread.ofVirtual().name("pull-watch").unstarted(this::run);
  }

  /**
   * Watches the pull that this thread does, until closed.
   *
   * @param timeout after which it is interrupted; zero for never
   */
  static PullWatch start(String name, PullProgress progress, Duration timeout) {
    PullWatch watch = new PullWatch(name, progress, timeout);
    watch.watch.start();
    return watch;
  }

  /** Whether the pull was ended because nothing moved. */
  boolean hasTimedOut() {
    return timedOut;
  }

  private void run() {
    Duration look = timeout.isZero() ? LONGEST_LOOK : timeout.dividedBy(10);
    look = look.compareTo(LONGEST_LOOK) < 0 ? look : LONGEST_LOOK;
    long position = -1;
    long moved = System.nanoTime();
    long said = moved;
    long saidBytes = 0;
    try {
      while (true) {
        Thread.sleep(look);
        long now = System.nanoTime();
        if (progress.position() != position || !progress.isMoving()) {
          position = progress.position();
          moved = now;
        } else if (!timeout.isZero() && now - moved >= timeout.toNanos()) {
          end();
          return;
        }
        if (now - said >= SAID_EVERY.toNanos()) {
          long bytes = progress.hereBytes();
          say(bytes, (bytes - saidBytes) * 1e3 / (now - said));
          said = now;
          saidBytes = bytes;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void say(long bytes, double megabytesPerSecond) {
    log.info(
        "pull {}: {} of {} MB, {} MB/s, {} of {} layers{}",
        name,
        megabytes(bytes),
        megabytes(progress.totalBytes()),
        String.format(Locale.ROOT, "%.1f", Math.max(0, megabytesPerSecond)),
        progress.layersOver(),
        progress.layers().size(),
        trouble());
  }

  private String trouble() {
    return progress.layers().stream()
        .map(PullProgress.Layer::progress)
        .map(LayerProgress::trouble)
        .filter(text -> !text.isEmpty())
        .findFirst()
        .map(text -> "; " + text)
        .orElse("");
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f", bytes / 1e6);
  }

  private synchronized void end() {
    if (!over) {
      timedOut = true;
      pull.interrupt();
    }
  }

  /** The pull is over: this thread is not interrupted any more. */
  @Override
  public void close() {
    synchronized (this) {
      over = true;
    }
    watch.interrupt();
  }
}
