package io.crij.linux.io;

import com.sun.jna.Memory;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;

/**
 * An anonymous pipe.
 *
 * @param read blocks nobody: {@code O_NONBLOCK}
 * @param write blocks as the writer wants it
 */
public record Pipe(Fd read, Fd write) implements AutoCloseable {
  private static final int F_SETPIPE_SZ = 1031;
  private static final int F_GETPIPE_SZ = 1032;
  private static final long FIONREAD = 0x541B;
  private static final int SPLICE_F_NONBLOCK = 2;

  /** pipe2(2). */
  public static Pipe open() {
    try (Memory fds = new Memory(2 * Integer.BYTES)) {
      if (IoLibrary.pipe2(fds, Fd.O_CLOEXEC) != 0) {
        throw LinuxException.last("pipe2", "a new pipe");
      }
      Fd read = Fd.owning(fds.getInt(0));
      Fd write = Fd.owning(fds.getInt(Integer.BYTES));
      Descriptors.setNonBlocking(read);
      return new Pipe(read, write);
    }
  }

  /**
   * A pipe whose writing end is open for reading as well: a writer that holds it neither gets EPIPE
   * nor loses what is in the pipe when all other readers are gone; it waits when the pipe is full.
   */
  public static Pipe openWithLastingEnd() {
    Pipe pipe = open();
    try (Fd write = pipe.write) {
      return new Pipe(pipe.read, Descriptors.reopen(write, Fd.O_RDWR));
    }
  }

  /**
   * Copies up to {@code length} bytes from one pipe to another and leaves them where they are:
   * tee(2).
   *
   * @return 0 when the pipe is empty and has no writer, -1 when it is only empty
   */
  public static int look(Fd from, Fd to, int length) {
    long n = IoLibrary.tee(from.number(), to.number(), length, SPLICE_F_NONBLOCK);
    return n >= 0 ? (int) n : Descriptors.wouldBlock("tee", from);
  }

  /**
   * Moves up to {@code length} bytes from a pipe to a file, a device or another pipe: splice(2).
   *
   * @return 0 when the pipe is empty and has no writer, -1 when it is only empty
   */
  public static int move(Fd from, Fd to, int length) {
    long n = IoLibrary.splice(from.number(), 0, to.number(), 0, length, SPLICE_F_NONBLOCK);
    return n >= 0 ? (int) n : Descriptors.wouldBlock("splice", from);
  }

  /** How many bytes wait to be read: FIONREAD. */
  public static int available(Fd fd) {
    try (Memory count = new Memory(Integer.BYTES)) {
      if (IoLibrary.ioctl(fd.number(), FIONREAD, count) != 0) {
        throw LinuxException.last("FIONREAD", fd.toString());
      }
      return count.getInt(0);
    }
  }

  /** Whether no writer is left. */
  public static boolean isHungUp(Fd read) {
    try (Memory poll = new Memory(8)) {
      poll.setInt(0, read.number());
      poll.setInt(4, 0);
      int ready = IoLibrary.poll(poll, 1, 0);
      return ready > 0 && (poll.getShort(6) & Epoll.HUP) != 0;
    }
  }

  /** Whether it is a pipe, or a FIFO. */
  public static boolean isPipe(Fd fd) {
    return IoLibrary.fcntl(fd.number(), F_GETPIPE_SZ, 0) >= 0;
  }

  /** How many bytes the pipe holds at most. */
  public static int capacity(Fd pipe) {
    int size = IoLibrary.fcntl(pipe.number(), F_GETPIPE_SZ, 0);
    if (size < 0) {
      throw LinuxException.last("F_GETPIPE_SZ", pipe.toString());
    }
    return size;
  }

  /** Resizes it; false where the kernel refuses, as it does to users with many large pipes. */
  public static boolean tryResize(Fd pipe, int bytes) {
    return IoLibrary.fcntl(pipe.number(), F_SETPIPE_SZ, bytes) >= 0;
  }

  @Override
  public void close() {
    read.close();
    write.close();
  }
}
