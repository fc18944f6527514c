package io.crij.monitor.log;

import io.crij.monitor.framing.CriFramer;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.Timer;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Says in a log how much of a stream is missing there: before the next line, or after a second in
 * which none came.
 */
final class DroppedOutput implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final ContainerLog log;
  private final int stream;
  private final CriFramer framer;
  private final EventLoop loop;
  private final StreamBuffers buffers;
  private @Nullable Timer timer;

  /**
   * @param stream 1 for stdout, 2 for stderr
   */
  DroppedOutput(
      ContainerLog log, int stream, CriFramer framer, EventLoop loop, StreamBuffers buffers) {
    this.log = log;
    this.stream = stream;
    this.framer = framer;
    this.loop = loop;
    this.buffers = buffers;
    armReport();
  }

  /** So much more of it is missing. */
  void add(int bytes) {
    log.dropped(stream, bytes);
    armReport();
  }

  /** Has it said later, if anything is missing. */
  void armReport() {
    if (timer == null && log.unreportedBytes(stream) > 0) {
      timer = loop.after(PATIENCE, this::reportLate);
    }
  }

  private void reportLate() {
    timer = null;
    // A log that waits for its disk is left alone.
    if (!log.isAppending()) {
      framer.stamp(Instant.now());
      report();
    }
    armReport();
  }

  /** Says it, if anything is missing; the framer has been stamped. */
  void report() {
    long bytes = log.unreportedBytes(stream);
    if (bytes > 0) {
      framer.note("[crij: " + bytes + " bytes of output dropped here]", buffers.lines());
      log.report(stream, buffers.lines());
    }
  }

  /** Says it now or never. */
  void reportAtEnd() {
    log.retryNow();
    report();
  }

  @Override
  public void close() {
    if (timer != null) {
      timer.cancel();
    }
  }
}
