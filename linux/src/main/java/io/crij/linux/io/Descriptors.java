package io.crij.linux.io;

import com.sun.jna.Native;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;

/** Operations on open descriptors, whatever they are of. */
public final class Descriptors {
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int SHUT_WR = 1;
  private static final int LOCK_EX = 2;
  private static final int LOCK_NB = 4;
  private static final int SEEK_END = 2;
  private static final int MFD_CLOEXEC = 1;
  private static final int POSIX_FADV_DONTNEED = 4;
  private static final int EFD_NONBLOCK = 0x800;
  private static final int EFD_CLOEXEC = 0x80000;

  private Descriptors() {}

  /**
   * Opens once more what is open here, with other flags: a new open file description, so neither
   * the flags nor the offset are shared.
   */
  public static Fd reopen(Fd fd, int flags) {
    return Fd.open(fd.procPath(), flags, 0);
  }

  /** A second number for the same open file description. */
  public static Fd duplicate(Fd fd) {
    int copy = IoLibrary.fcntl(fd.number(), F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
      throw LinuxException.last("dup", fd.toString());
    }
    return Fd.owning(copy);
  }

  /** fchown(2); of a pipe too, which then can be opened by that user through {@code /proc}. */
  public static void chown(Fd fd, int uid, int gid) {
    if (IoLibrary.fchown(fd.number(), uid, gid) != 0) {
      throw LinuxException.last("fchown", fd.toString());
    }
  }

  /** Sets {@code O_NONBLOCK} for all that share this open file description. */
  public static void setNonBlocking(Fd fd) {
    int flags = IoLibrary.fcntl(fd.number(), F_GETFL, 0);
    if (flags < 0 || IoLibrary.fcntl(fd.number(), F_SETFL, flags | Fd.O_NONBLOCK) != 0) {
      throw LinuxException.last("fcntl", fd.toString());
    }
  }

  /** The half close of a connected socket: the other side reads the end of the stream. */
  public static void endWriting(Fd socket) {
    if (IoLibrary.shutdown(socket.number(), SHUT_WR) != 0) {
      throw LinuxException.last("shutdown", socket.toString());
    }
  }

  /** Takes flock(2) for as long as this descriptor is open; false when another has it. */
  public static boolean tryLock(Fd fd) {
    if (IoLibrary.flock(fd.number(), LOCK_EX | LOCK_NB) == 0) {
      return true;
    }
    if (Native.getLastError() == Errno.EAGAIN) {
      return false;
    }
    throw LinuxException.last("flock", fd.toString());
  }

  /** A file in memory, gone with its last descriptor: memfd_create(2). */
  public static Fd memoryFile(String name) {
    int fd = IoLibrary.memfd_create(name, MFD_CLOEXEC);
    if (fd < 0) {
      throw LinuxException.last("memfd_create", name);
    }
    return Fd.owning(fd);
  }

  /** A counter that others add to, readable once they have: eventfd(2), {@code O_NONBLOCK}. */
  public static Fd eventCounter() {
    int fd = IoLibrary.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0) {
      throw LinuxException.last("eventfd", "a new counter");
    }
    return Fd.owning(fd);
  }

  /** read(2); 0 at the end, -1 when it would block. */
  public static int read(Fd fd, NativeBuffer buffer, int offset, int length) {
    long n = IoLibrary.read(fd.number(), buffer.address(offset, length), length);
    return n >= 0 ? (int) n : wouldBlock("read", fd);
  }

  /** pread(2): from {@code position} of a file. */
  public static int readAt(Fd fd, long position, NativeBuffer buffer, int length) {
    long n = IoLibrary.pread(fd.number(), buffer.address(0, length), length, position);
    if (n < 0) {
      throw LinuxException.last("pread", fd.toString());
    }
    return (int) n;
  }

  /** write(2); may write less than asked, -1 when it would block. */
  public static int write(Fd fd, NativeBuffer buffer, int offset, int length) {
    long n = IoLibrary.write(fd.number(), buffer.address(offset, length), length);
    return n >= 0 ? (int) n : wouldBlock("write", fd);
  }

  /**
   * Writes pieces of memory one after the other: writev(2); may write less than asked, -1 when it
   * would block.
   *
   * @param pieces the addresses and lengths, by {@link NativeBuffer#putPiece}
   */
  public static int write(Fd fd, NativeBuffer pieces, int count) {
    long vector = pieces.address(0, count * NativeBuffer.PIECE_BYTES);
    long n = IoLibrary.writev(fd.number(), vector, count);
    return n >= 0 ? (int) n : wouldBlock("writev", fd);
  }

  /** The size of a file. */
  public static long size(Fd fd) {
    long size = IoLibrary.lseek(fd.number(), 0, SEEK_END);
    if (size < 0) {
      throw LinuxException.last("lseek", fd.toString());
    }
    return size;
  }

  /**
   * Lets the kernel drop what it has of a file in its page cache, and begin to write what is not on
   * the disk yet, so that it can be dropped by the next call: posix_fadvise(2), {@code DONTNEED}.
   * May wait for the disk.
   */
  public static void dropCache(Fd fd) {
    int errno = IoLibrary.posix_fadvise(fd.number(), 0, 0, POSIX_FADV_DONTNEED);
    if (errno != 0) {
      throw new LinuxException("posix_fadvise", fd.toString(), errno);
    }
  }

  /** ftruncate(2). */
  public static void truncate(Fd fd, long sizeBytes) {
    if (IoLibrary.ftruncate(fd.number(), sizeBytes) != 0) {
      throw LinuxException.last("ftruncate", fd.toString());
    }
  }

  static int wouldBlock(String call, Fd fd) {
    int errno = Native.getLastError();
    if (errno == Errno.EAGAIN || errno == Errno.EINTR) {
      return -1;
    }
    throw new LinuxException(call, fd.toString(), errno);
  }
}
