package io.crij.monitor.log;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.FileStatus;
import io.crij.linux.io.NativeBuffer;
import io.crij.monitor.loop.StderrLog;
import java.io.IOException;
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
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
record LoggedChunk(int stream, byte[] input) {
  /** A shorter piece could be alike by chance. */
  private static final int SHORTEST_PROOF = 64;

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
      return new LoggedChunk(entry.stream(), input(lines, entry.inputBytes()));
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
   * How many bytes at the head of the pipe were logged: the longest end of the input that the pipe
   * begins with. A kill within splice(2) leaves such an end, one before it leaves all.
   */
  int stillIn(byte[] head) {
    int overlap = Overlap.length(input, head);
    return overlap == input.length || overlap >= SHORTEST_PROOF ? overlap : 0;
  }
}
