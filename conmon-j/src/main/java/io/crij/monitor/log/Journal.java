package io.crij.monitor.log;

import io.crij.linux.io.MappedFile;
import org.jspecify.annotations.Nullable;

/**
 * Says what is under way between a container's pipes and its log, in memory that outlives the
 * process. Written before a chunk is appended to the log and cleared after the chunk was taken out
 * of the pipe, so a successor can tell whether it was logged; contents alone cannot tell, because
 * lines may be equal.
 */
final class Journal implements AutoCloseable {
  private static final int BYTES = 4096;
  private static final int STREAM = 0;
  private static final int INODE = 8;
  private static final int OFFSET = 16;
  private static final int INPUT_BYTES = 24;
  private static final int LOG_BYTES = 32;
  private static final int MID_LINE = 40;

  private final MappedFile file;

  private Journal(MappedFile file) {
    this.file = file;
  }

  static Journal open(String path) {
    return new Journal(MappedFile.open(path, BYTES));
  }

  /**
   * A chunk on its way.
   *
   * @param stream 1 for stdout, 2 for stderr
   * @param logInode the log file it goes to
   * @param logOffset the size of that file before
   * @param inputBytes how many bytes are to be taken out of the pipe
   * @param logBytes how many bytes are appended to the log
   */
  record Entry(int stream, long logInode, long logOffset, int inputBytes, int logBytes) {}

  /** Notes a chunk; the stream last, which makes the entry valid. */
  void begin(Entry entry) {
    file.putLong(INODE, entry.logInode());
    file.putLong(OFFSET, entry.logOffset());
    file.putLong(INPUT_BYTES, entry.inputBytes());
    file.putLong(LOG_BYTES, entry.logBytes());
    file.putLong(STREAM, entry.stream());
  }

  /** Notes that nothing is under way. */
  void clear() {
    file.putLong(STREAM, 0);
  }

  /** What was under way when the journal was written last. */
  @Nullable Entry pending() {
    int stream = (int) file.getLong(STREAM);
    return stream == 0
        ? null
        : new Entry(
            stream,
            file.getLong(INODE),
            file.getLong(OFFSET),
            (int) file.getLong(INPUT_BYTES),
            (int) file.getLong(LOG_BYTES));
  }

  /** Whether the log ends within a line of this stream. */
  boolean isMidLine(int stream) {
    return (file.getLong(MID_LINE) & 1L << stream) != 0;
  }

  void midLine(int stream, boolean midLine) {
    if (midLine != isMidLine(stream)) {
      file.putLong(MID_LINE, file.getLong(MID_LINE) ^ 1L << stream);
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
