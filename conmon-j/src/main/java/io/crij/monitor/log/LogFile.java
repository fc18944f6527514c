package io.crij.monitor.log;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.FileStatus;
import io.crij.monitor.framing.FramedLines;
import io.crij.monitor.loop.StderrLog;

/** An open container log. */
final class LogFile implements AutoCloseable {
  // O_NONBLOCK: what lies there may be a FIFO, and opening it must not hang the monitor.
  private static final int FLAGS =
      Fd.O_WRONLY | Fd.O_CREAT | Fd.O_APPEND | Fd.O_NOFOLLOW | Fd.O_NONBLOCK;
  private static final int MODE = 0640;

  private final Fd fd;
  private final long inode;
  private final PageCache pageCache = new PageCache(PageCache::isMemoryShort);

  private LogFile(Fd fd, long inode) {
    this.fd = fd;
    this.inode = inode;
  }

  /**
   * Opens the log, made where it is missing.
   *
   * @throws LinuxException ELOOP for a symbolic link, EINVAL for what is no regular file
   */
  static LogFile open(String path) {
    Fd fd = Fd.open(path, FLAGS, MODE);
    FileStatus status = FileStatus.of(fd);
    if (!status.isRegularFile()) {
      fd.close();
      throw new LinuxException("open, as a regular file,", path, Errno.EINVAL);
    }
    return new LogFile(fd, status.inode());
  }

  Fd fd() {
    return fd;
  }

  long inode() {
    return inode;
  }

  /** Whether it has no name any more. */
  boolean isDeleted() {
    return FileStatus.of(fd).links() == 0;
  }

  long size() {
    return Descriptors.size(fd);
  }

  void truncate(long sizeBytes) {
    Descriptors.truncate(fd, sizeBytes);
  }

  /**
   * Appends all or nothing.
   *
   * @param offset the size before
   * @throws LinuxException ENOSPC or EDQUOT when there is no room; what was written is taken back
   */
  void append(long offset, FramedLines lines) {
    int length = lines.bytes();
    int written = 0;
    try {
      while (written < length) {
        written += Math.max(0, lines.writeTo(fd, written));
      }
    } catch (LinuxException e) {
      if (written > 0) {
        truncate(offset);
      }
      throw e;
    }
    pageCache.appended(fd, length);
  }

  /** Closes it once it is on the disk, which may take its time: on a thread of its own. */
  void closeSynced() {
    Thread.ofPlatform()
        .daemon()
        .name("log-sync")
        .start(() -> {
          try (LogFile _ = this) {
            fd.sync();
          } catch (LinuxException e) {
            StderrLog.failure("a log is not on the disk", e);
          }
        });
  }

  @Override
  public void close() {
    fd.close();
  }
}
