package io.crij.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * The log's way to where it is written. Who logs never waits: calls are answered while stderr, a
 * pipe that nobody reads, stands still. What does not fit is dropped and counted, and a line says
 * so when it is written again. A part is kept for lines from WARN on.
 */
final class LogQueue extends UnsynchronizedAppenderBase<ILoggingEvent> {
  static final int CAPACITY = 4096;
  static final int FOR_WARNINGS = 1024;

  /** At an end; then the lines that nobody took are lost. */
  private static final Duration FLUSH_LIMIT = Duration.ofSeconds(2);

  private final Appender<ILoggingEvent> target;
  private final Logger own;
  private final BlockingQueue<ILoggingEvent> lines = new ArrayBlockingQueue<>(CAPACITY);
  private final AtomicLong dropped = new AtomicLong();
  private final Thread writer = Thread.ofPlatform().daemon().name("log").unstarted(this::run);
  private volatile Pattern filter = Pattern.compile("");
  private long told; // of the writer alone

  /**
   * @param own in whose name is told what was dropped
   */
  LogQueue(Appender<ILoggingEvent> target, Logger own) {
    this.target = target;
    this.own = own;
  }

  /** From now on only those lines are written in whose messages this is found. */
  void setFilter(Pattern wanted) {
    filter = wanted;
  }

  Pattern filter() {
    return filter;
  }

  /** How many lines were dropped since the start. */
  long dropped() {
    return dropped.get();
  }

  @Override
  public void start() {
    super.start();
    writer.start();
  }

  @Override
  protected void append(ILoggingEvent line) {
    line.prepareForDeferredProcessing();
    boolean fits =
        line.getLevel().isGreaterOrEqual(Level.WARN) || lines.remainingCapacity() > FOR_WARNINGS;
    if (!fits || !lines.offer(line)) {
      dropped.incrementAndGet();
    }
  }

  /** Takes no more lines, and waits a moment until those that it has are written. */
  @Override
  public void stop() {
    super.stop();
    writer.interrupt();
    try {
      var _ = writer.join(FLUSH_LIMIT);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (true) {
        write(lines.take());
      }
    } catch (InterruptedException _) {
      for (ILoggingEvent line = lines.poll(); line != null; line = lines.poll()) {
        write(line);
      }
    }
  }

  private void write(ILoggingEvent line) {
    // Here and not where it is logged: a slow expression delays nobody but this thread.
    if (isWanted(line)) {
      target.doAppend(line);
    }
    long sum = dropped.get();
    if (sum > told && lines.isEmpty()) {
      Object[] count = {sum - told};
      String text = "{} lines of this log were dropped, for they were not taken";
      target.doAppend(
          new LoggingEvent(LogQueue.class.getName(), own, Level.WARN, text, null, count));
      told = sum;
    }
  }

  /** So is a line for which the expression is too deep: the log must not end with it. */
  private boolean isWanted(ILoggingEvent line) {
    try {
      return filter.matcher(line.getFormattedMessage()).find();
    } catch (StackOverflowError _) {
      return true;
    }
  }
}
