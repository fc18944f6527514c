package io.crij.monitor.log;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.FileStatus;
import io.crij.linux.io.NativeBuffer;
import io.crij.monitor.loop.StderrLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Input that a monitor had logged, but perhaps not taken out of the pipe, when it died.
 *
 * @param stream 1 for stdout, 2 for stderr
 * @param input the bytes as they were in the pipe
 * @param witnessBytes how many bytes at its end were to be taken last, in a call of their own
 * @param witnessTaken how many of these were taken
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
record LoggedChunk(int stream, byte[] input, int witnessBytes, int witnessTaken) {
  /** A shorter piece could be alike by chance. */
  private static final int SHORTEST_PROOF = 64;

  private static final int LONGEST_WITNESS = 64;

  /**
   * Looks into the log whether the noted chunk is there. If it is there in part, that part is cut
   * off, as if it had never been appended.
   *
   * @return null if it was not logged
   */
  static @Nullable LoggedChunk find(String path, Journal.Entry entry) {
    try (Fd log = openByInode(Path.of(path), entry.logInode())) {
      if (log == null) {
        StderrLog.info("the log of a chunk under way is gone: " + path);
        return null;
      }
      long end = entry.logOffset() + entry.logBytes();
      long size = Descriptors.size(log);
      if (size < end) {
        if (size > entry.logOffset()) {
          Descriptors.truncate(log, entry.logOffset());
        }
        return null;
      }
      NativeBuffer buffer = NativeBuffer.allocate(entry.logBytes());
      int n = Descriptors.readAt(log, entry.logOffset(), buffer, entry.logBytes());
      byte[] lines = new byte[n];
      buffer.bytes().get(0, lines);
      byte[] input = input(lines, entry.inputBytes());
      return new LoggedChunk(entry.stream(), input, entry.witnessBytes(), entry.witnessTaken());
    } catch (LinuxException | IOException e) {
      StderrLog.failure("cannot tell whether a chunk was logged in " + path, e);
      return null;
    }
  }

  // The kubelet renames a log before it asks to reopen it, perhaps while there was no monitor.
  private static @Nullable Fd openByInode(Path path, long inode) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null) {
      return null;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        if (Files.isRegularFile(entry, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
          Fd fd = Fd.open(entry.toString(), Fd.O_RDWR | Fd.O_NOFOLLOW | Fd.O_NONBLOCK, 0);
          if (FileStatus.of(fd).inode() == inode) {
            return fd;
          }
          fd.close();
        }
      }
    }
    return null;
  }

  /** The input that these lines were made of, at most {@code length} bytes. */
  static byte[] input(byte[] lines, int length) {
    byte[] input = new byte[length];
    int filled = 0;
    int at = 0;
    while (at < lines.length && filled < length) {
      int tag = afterSpace(lines, afterSpace(lines, at));
      int content = afterSpace(lines, tag);
      int end = content;
      while (end < lines.length && lines[end] != '\n') {
        end++;
      }
      boolean full = tag < lines.length && lines[tag] == 'F';
      int count = Math.min(length - filled, Math.min(lines.length, end + (full ? 1 : 0)) - content);
      if (count < 0) {
        break;
      }
      System.arraycopy(lines, content, input, filled, count);
      filled += count;
      at = end + 1;
    }
    return filled == length ? input : Arrays.copyOf(input, filled);
  }

  private static int afterSpace(byte[] lines, int from) {
    int at = from;
    while (at < lines.length && lines[at] != ' ') {
      at++;
    }
    return at + 1;
  }

  /**
   * How many bytes at the end of a chunk are to be taken last: so few that they differ from its
   * beginning. So a pipe that still has the whole chunk does not look like one that has only these
   * bytes and what was written since; except where one and the same byte is all there is.
   */
  static int witnessBytes(ByteBuffer input, int length) {
    int longest = Math.min(LONGEST_WITNESS, length);
    for (int bytes = 1; bytes <= longest; bytes++) {
      for (int i = 0; i < bytes; i++) {
        if (input.get(i) != input.get(length - bytes + i)) {
          return bytes;
        }
      }
    }
    return Math.min(1, length);
  }

  /**
   * How many bytes at the head of the pipe were logged. When the last bytes were taken, none; else
   * all, or only the last; or another end that the pipe begins with, after others have read.
   */
  int stillIn(byte[] head) {
    if (witnessBytes > 0 && witnessTaken > 0) {
      return witnessBytes - witnessTaken;
    }
    if (beginsWith(head, input.length)) {
      return input.length;
    }
    if (witnessBytes > 0 && beginsWith(head, witnessBytes)) {
      return witnessBytes;
    }
    int overlap = Overlap.length(input, head);
    return overlap >= SHORTEST_PROOF ? overlap : 0;
  }

  private boolean beginsWith(byte[] head, int lastBytes) {
    int from = input.length - lastBytes;
    return from >= 0
        && head.length >= lastBytes
        && Arrays.equals(input, from, input.length, head, 0, lastBytes);
  }
}
