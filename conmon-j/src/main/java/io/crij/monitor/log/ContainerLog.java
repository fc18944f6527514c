package io.crij.monitor.log;

import io.crij.linux.LinuxException;
import io.crij.linux.io.NativeBuffer;
import io.crij.monitor.loop.StderrLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The log of one container, to which its streams append in turns.
 *
 * <p>Where the log has no room, output is dropped and counted, and the container lives: a full disk
 * of the node must not stop its pods.
 */
public final class ContainerLog implements AutoCloseable {
  private final String path;
  private final long maxBytes;
  private final Journal journal;
  private @Nullable LogFile file;
  private @Nullable LoggedChunk unfinished;
  private long droppedBytes;
  private boolean dropping;

  private ContainerLog(String path, long maxBytes, Journal journal, @Nullable LogFile file) {
    this.path = path;
    this.maxBytes = maxBytes;
    this.journal = journal;
    this.file = file;
  }

  /**
   * Opens the log of a new container.
   *
   * @param path empty: output is dropped
   * @param maxBytes at this size the log starts again from empty; 0: no limit
   */
  public static ContainerLog open(String path, long maxBytes, String journalPath) {
    LogFile file = path.isEmpty() ? null : LogFile.open(path);
    return new ContainerLog(path, maxBytes, Journal.open(journalPath), file);
  }

  /**
   * Opens the log of a container that another monitor has logged for; output is dropped if that
   * fails, until the log is reopened.
   */
  public static ContainerLog resume(String path, long maxBytes, String journalPath) {
    LogFile file = null;
    try {
      file = path.isEmpty() ? null : LogFile.open(path);
    } catch (LinuxException e) {
      StderrLog.failure("output is dropped, its log cannot be opened", e);
    }
    ContainerLog log = new ContainerLog(path, maxBytes, Journal.open(journalPath), file);
    log.recover();
    return log;
  }

  private void recover() {
    Journal.Entry entry = journal.pending();
    if (entry != null && !path.isEmpty()) {
      unfinished = LoggedChunk.find(path, entry);
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

  /**
   * Appends a chunk of lines; {@link #taken} must follow once its input is out of the pipe.
   *
   * @param stream 1 for stdout, 2 for stderr
   */
  void append(int stream, NativeBuffer lines, int lineBytes, int inputBytes) {
    LogFile log = file;
    if (log == null) {
      droppedBytes += inputBytes;
      return;
    }
    try {
      long offset = log.size();
      if (maxBytes > 0 && offset + lineBytes > maxBytes) {
        log.truncate(0);
        offset = 0;
      }
      journal.begin(new Journal.Entry(stream, log.inode(), offset, inputBytes, lineBytes));
      log.append(offset, lines, lineBytes);
      dropping = false;
    } catch (LinuxException e) {
      drop(inputBytes, e);
    }
  }

  private void drop(int inputBytes, LinuxException reason) {
    droppedBytes += inputBytes;
    if (!dropping) {
      dropping = true;
      StderrLog.failure("output is dropped, " + path + " cannot be written", reason);
    }
  }

  /** The input of the chunk appended last is out of the pipe. */
  void taken(int stream, boolean midLine) {
    journal.midLine(stream, midLine);
    journal.clear();
  }

  /** How much output was dropped because it could not be logged. */
  public long droppedBytes() {
    return droppedBytes;
  }

  /**
   * Opens the path again, which the caller has renamed away. Between two chunks, so no line is torn
   * or doubled.
   *
   * @throws LinuxException the old file then stays in use
   */
  public void reopen() {
    if (path.isEmpty()) {
      return;
    }
    LogFile old = file;
    file = LogFile.open(path);
    if (old != null) {
      old.close();
    }
  }

  /** Closes the log of a container that never ran, and deletes it if it is empty. */
  public void discard() {
    boolean isEmpty = file != null && file.size() == 0;
    close();
    if (isEmpty) {
      try {
        Files.deleteIfExists(Path.of(path));
      } catch (IOException e) {
        StderrLog.failure("delete " + path, e);
      }
    }
  }

  @Override
  public void close() {
    journal.close();
    if (file != null) {
      file.close();
    }
  }
}
