package io.crij.monitor.log;

import io.crij.linux.LinuxException;
import io.crij.monitor.figures.LogFigures;
import io.crij.monitor.framing.FramedLines;
import io.crij.monitor.log.journald.JournalCopy;
import io.crij.monitor.loop.SlowCalls;
import io.crij.monitor.loop.StderrLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The log of one container, to which its streams append in turns.
 *
 * <p>Where the log has no room, output is dropped and counted, and the container lives: a full disk
 * of the node must not stop its pods.
 */
public final class ContainerLog implements AutoCloseable {
  /** How long a log that could not be written is left alone. */
  private static final long RETRY_NANOS = 100_000_000L;

  /** How often it is seen whether the log was deleted. */
  private static final long CHECK_NANOS = 1_000_000_000L;

  /** A chunk that takes longer to append waits for something. */
  private static final long SLOW_NANOS = 5_000_000L;

  /** How long a log that was slow is taken to be so. */
  private static final long SLOW_AGAIN_NANOS = 1_000_000_000L;

  private final LogSettings settings;
  private final Journal journal;
  private final LogFigures figures;
  private final Allowance allowance;
  private final @Nullable JournalCopy copy;
  private @Nullable LogFile file;
  private @Nullable LoggedChunk unfinished;
  private long retryAtNanos;
  private long checkAtNanos = System.nanoTime();
  private long slowUntilNanos = System.nanoTime();
  private boolean failing;
  private @Nullable SlowCalls appending;

  private ContainerLog(
      LogSettings settings, Journal journal, @Nullable LogFile file, LogFigures figures) {
    this.figures = figures;
    this.settings = settings;
    this.journal = journal;
    this.file = file;
    this.allowance = new Allowance(settings.bytesPerSecond());
    this.copy =
        settings.journalFields().isEmpty() ? null : new JournalCopy(settings.journalFields());
  }

  /** Opens the log of a new container. */
  public static ContainerLog open(LogSettings settings, String journalPath, LogFigures figures) {
    LogFile file = settings.path().isEmpty() ? null : LogFile.open(settings.path());
    return of(settings, journalPath, file, figures);
  }

  private static ContainerLog of(
      LogSettings settings, String journalPath, @Nullable LogFile file, LogFigures figures) {
    try {
      return new ContainerLog(settings, Journal.open(journalPath), file, figures);
    } catch (LinuxException e) {
      if (file != null) {
        file.close();
      }
      throw e;
    }
  }

  /**
   * Opens the log of a container that another monitor has logged for; output is dropped if that
   * fails, until the log is reopened.
   */
  public static ContainerLog resume(LogSettings settings, String journalPath, LogFigures figures) {
    LogFile file = null;
    try {
      file = settings.path().isEmpty() ? null : LogFile.open(settings.path());
    } catch (LinuxException e) {
      StderrLog.failure("output is dropped, its log cannot be opened", e);
    }
    ContainerLog log = of(settings, journalPath, file, figures);
    log.recover();
    return log;
  }

  private void recover() {
    Journal.Entry entry = journal.pending();
    if (entry != null && !settings.path().isEmpty()) {
      unfinished = LoggedChunk.find(settings.path(), entry);
    }
    journal.clear();
  }

  /** What of this stream the last monitor had logged when it died; once. */
  @Nullable LoggedChunk takeUnfinished(int stream) {
    LoggedChunk chunk = unfinished;
    if (chunk == null || chunk.stream() != stream) {
      return null;
    }
    unfinished = null;
    return chunk;
  }

  Journal journal() {
    return journal;
  }

  LogSettings settings() {
    return settings;
  }

  Allowance allowance() {
    return allowance;
  }

  /**
   * Appends a chunk of lines; {@link #taken} must follow once its input is out of the pipe.
   *
   * @param stream 1 for stdout, 2 for stderr
   * @param witnessBytes as of {@link Journal.Entry}
   * @return false if it was dropped
   */
  boolean append(int stream, FramedLines lines, int inputBytes, int witnessBytes) {
    int lineBytes = lines.bytes();
    LogFile log = file;
    if (settings.path().isEmpty()) {
      return false;
    }
    long now = System.nanoTime();
    if (log == null || (failing && now < retryAtNanos)) {
      dropped(stream, inputBytes);
      return false;
    }
    try {
      log = unlessDeleted(log, now);
      long offset = log.size();
      if (settings.maxBytes() > 0 && offset + lineBytes > settings.maxBytes()) {
        log.truncate(0);
        offset = 0;
      }
      journal.begin(
          new Journal.Entry(stream, log.inode(), offset, inputBytes, lineBytes, witnessBytes, 0));
      log.append(offset, lines);
      figures.logged(inputBytes);
      failing = false;
      if (copy != null) {
        copy.add(lines);
      }
      long end = System.nanoTime();
      if (end - now > SLOW_NANOS) {
        slowUntilNanos = end + SLOW_AGAIN_NANOS;
      }
      return true;
    } catch (LinuxException e) {
      fail(e, now);
      dropped(stream, inputBytes);
      return false;
    }
  }

  /** Whether appending has waited lately, for the disk or for others who use the file. */
  boolean isSlow(long nowNanos) {
    return nowNanos - slowUntilNanos < 0;
  }

  /**
   * Does the same as {@link #append}, of the lines in the buffers, while the loop turns; until
   * {@code then} nothing else may be done with this log but {@link #settle}.
   *
   * @param then told whether it was logged, on the loop's thread
   */
  void appendAside(
      SlowCalls calls,
      int stream,
      StreamBuffers buffers,
      int inputBytes,
      int witnessBytes,
      Consumer<Boolean> then) {
    FramedLines lines = buffers.lend();
    AtomicBoolean logged = new AtomicBoolean();
    appending = calls;
    calls.start(
        () -> logged.set(append(stream, lines, inputBytes, witnessBytes)),
        () -> {
          appending = null;
          buffers.giveBack(lines);
          then.accept(logged.get());
        });
  }

  /** Whether a chunk is being appended aside. */
  boolean isAppending() {
    return appending != null;
  }

  /** Blocks until no chunk is being appended. */
  void settle() {
    if (appending != null) {
      appending.await();
    }
  }

  private void fail(LinuxException reason, long now) {
    retryAtNanos = now + RETRY_NANOS;
    if (!failing) {
      failing = true;
      StderrLog.failure("output is dropped, " + settings.path() + " cannot be written", reason);
    }
  }

  /** Has the next attempt made at once: there will be no later one. */
  void retryNow() {
    retryAtNanos = System.nanoTime();
  }

  /** Makes a log again that somebody has deleted, for nobody would ever see what it gets. */
  private LogFile unlessDeleted(LogFile log, long now) {
    if (now - checkAtNanos < CHECK_NANOS) {
      return log;
    }
    checkAtNanos = now;
    if (!log.isDeleted()) {
      return log;
    }
    LogFile again = LogFile.open(settings.path());
    log.close();
    file = again;
    return again;
  }

  /** Counts output that was not logged. */
  void dropped(int stream, long bytes) {
    if (!settings.path().isEmpty()) {
      figures.dropped(bytes);
      journal.droppedBytes(stream, journal.droppedBytes(stream) + bytes);
    }
  }

  /** How much output was dropped and not yet {@linkplain #report reported}. */
  long unreportedBytes(int stream) {
    return journal.droppedBytes(stream);
  }

  /** Appends lines that say how much was dropped; if that fails, it has to be said later. */
  void report(int stream, FramedLines lines) {
    if (append(stream, lines, 0, 0)) {
      journal.droppedBytes(stream, 0);
      taken(stream, false);
    } else {
      journal.clear();
    }
  }

  /** The input of the chunk appended last is out of the pipe. */
  void taken(int stream, boolean midLine) {
    journal.midLine(stream, midLine);
    journal.clear();
  }

  /**
   * Opens the path again, which the caller has renamed away. Between two chunks, so no line is torn
   * or doubled.
   *
   * @throws LinuxException the old file then stays in use
   */
  public void reopen() {
    if (settings.path().isEmpty()) {
      return;
    }
    settle();
    LogFile old = file;
    file = LogFile.open(settings.path());
    failing = false;
    if (old != null) {
      end(old);
    }
  }

  /** Closes the log of a container that never ran, and deletes it if it is empty. */
  public void discard() {
    settle();
    boolean isEmpty = file != null && file.size() == 0;
    close();
    if (isEmpty) {
      try {
        Files.deleteIfExists(Path.of(settings.path()));
      } catch (IOException e) {
        StderrLog.failure("delete " + settings.path(), e);
      }
    }
  }

  private void end(LogFile ended) {
    if (settings.isSynced()) {
      ended.closeSynced();
    } else {
      ended.close();
    }
  }

  @Override
  public void close() {
    settle();
    journal.close();
    if (copy != null) {
      copy.close();
    }
    if (file != null) {
      end(file);
    }
  }
}
