package io.crij.monitor.log;

import io.crij.linux.Fd;
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

  /** More than any chunk has, read or framed: each byte may be a line. */
  private static final int MAX_CHUNK_BYTES = 16 << 20;

  private static final int STREAM = 0;
  private static final int INODE = 8;
  private static final int OFFSET = 16;
  private static final int INPUT_BYTES = 24;
  private static final int LOG_BYTES = 32;
  private static final int MID_LINE = 40;
  private static final int WITNESS_BYTES = 48;
  private static final int WITNESS_END = 56;
  private static final int DROPPED = 64;
  private static final int FORMAT = 88;
  private static final int WITNESS = 128;

  /** Changes with the places above: what another version has noted means nothing to this one. */
  private static final long FORMAT_1 = 0x6372696a6a6e6c01L;

  private final MappedFile file;

  private Journal(MappedFile file) {
    this.file = file;
  }

  static Journal open(String path) {
    MappedFile file = MappedFile.open(path, BYTES);
    if (file.getLong(FORMAT) != FORMAT_1) {
      // New, or spoilt: nothing is known then, and nothing of it may be believed.
      for (int offset = 0; offset < WITNESS; offset += Long.BYTES) {
        file.putLong(offset, 0);
      }
      file.putLong(FORMAT, FORMAT_1);
    }
    return new Journal(file);
  }

  /**
   * A chunk on its way.
   *
   * @param stream 1 for stdout, 2 for stderr
   * @param logInode the log file it goes to
   * @param logOffset the size of that file before
   * @param inputBytes how many bytes are to be taken out of the pipe
   * @param logBytes how many bytes are appended to the log
   * @param witnessBytes how many of the input's last bytes are taken by {@link #takeWitness}
   * @param witnessTaken how many of these were taken
   */
  record Entry(
      int stream,
      long logInode,
      long logOffset,
      int inputBytes,
      int logBytes,
      int witnessBytes,
      int witnessTaken) {}

  /** Notes a chunk; the stream last, which makes the entry valid. */
  void begin(Entry entry) {
    file.putLong(INODE, entry.logInode());
    file.putLong(OFFSET, entry.logOffset());
    file.putLong(INPUT_BYTES, entry.inputBytes());
    file.putLong(LOG_BYTES, entry.logBytes());
    file.putLong(WITNESS_BYTES, entry.witnessBytes());
    file.putLong(WITNESS_END, WITNESS + entry.witnessTaken());
    file.putLong(STREAM, entry.stream());
  }

  /**
   * Takes the last bytes of a chunk out of the pipe. They go to the journal itself, and the kernel
   * notes there how many, in the call that takes them: a kill finds both done or neither.
   */
  void takeWitness(Fd pipe, int length) {
    if (length > 0) {
      if (file.getLong(STREAM) == 0) {
        // The chunk was dropped.
        file.putLong(WITNESS_END, WITNESS);
      }
      file.moveFrom(pipe, length, WITNESS_END);
    }
  }

  /** Notes that nothing is under way. */
  void clear() {
    file.putLong(STREAM, 0);
  }

  /** What was under way when the journal was written last; null if that cannot be. */
  @Nullable Entry pending() {
    long stream = file.getLong(STREAM);
    long offset = file.getLong(OFFSET);
    long inputBytes = file.getLong(INPUT_BYTES);
    long logBytes = file.getLong(LOG_BYTES);
    long witnessBytes = file.getLong(WITNESS_BYTES);
    long witnessTaken = file.getLong(WITNESS_END) - WITNESS;
    boolean possible =
        (stream == 1 || stream == 2)
            && offset >= 0
            && offset <= Long.MAX_VALUE - MAX_CHUNK_BYTES
            && isWithin(inputBytes, MAX_CHUNK_BYTES)
            && isWithin(logBytes, MAX_CHUNK_BYTES)
            && isWithin(witnessBytes, inputBytes)
            && isWithin(witnessTaken, witnessBytes);
    return possible
        ? new Entry(
            (int) stream,
            file.getLong(INODE),
            offset,
            (int) inputBytes,
            (int) logBytes,
            (int) witnessBytes,
            (int) witnessTaken)
        : null;
  }

  private static boolean isWithin(long bytes, long limit) {
    return bytes >= 0 && bytes <= limit;
  }

  /** Whether the log ends within a line of this stream. */
  boolean isMidLine(int stream) {
    return (file.getLong(MID_LINE) & 1L << stream) != 0;
  }

  /** How much of this stream was dropped without that being said in the log. */
  long droppedBytes(int stream) {
    return file.getLong(DROPPED + stream * Long.BYTES);
  }

  void droppedBytes(int stream, long bytes) {
    file.putLong(DROPPED + stream * Long.BYTES, bytes);
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
