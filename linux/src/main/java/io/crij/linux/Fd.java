package io.crij.linux;

import com.sun.jna.Memory;
import java.util.concurrent.atomic.AtomicInteger;

/** An open file descriptor, closed once. Always close-on-exec. */
public final class Fd implements AutoCloseable {
  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0x40;
  public static final int O_EXCL = 0x80;
  public static final int O_NOCTTY = 0x100;
  public static final int O_TRUNC = 0x200;
  public static final int O_APPEND = 0x400;
  public static final int O_NONBLOCK = 0x800;
  public static final int O_DIRECTORY = 0x10000;
  public static final int O_NOFOLLOW = 0x20000;
  public static final int O_CLOEXEC = 0x80000;
  public static final int O_PATH = 0x200000;

  private static final int CLOSED = -1;

  private final AtomicInteger number;

  private Fd(int number) {
    this.number = new AtomicInteger(number);
  }

  /** Takes ownership of an open descriptor. */
  public static Fd owning(int number) {
    if (number < 0) {
      throw new IllegalArgumentException("not a file descriptor: " + number);
    }
    return new Fd(number);
  }

  /** open(2), with {@code O_CLOEXEC} added. */
  public static Fd open(String path, int flags, int mode) {
    int fd = Libc.open(path, flags | O_CLOEXEC, mode);
    if (fd < 0) {
      throw LinuxException.last("open", path);
    }
    return new Fd(fd);
  }

  /** The descriptor's number; an error once it is closed or released. */
  public int number() {
    int n = number.get();
    if (n == CLOSED) {
      throw new IllegalStateException("file descriptor is closed");
    }
    return n;
  }

  /** Gives up ownership: the caller closes the number. */
  public int release() {
    int n = number.getAndSet(CLOSED);
    if (n == CLOSED) {
      throw new IllegalStateException("file descriptor is closed");
    }
    return n;
  }

  /** {@code /proc/self/fd/N}: names what is open here, whatever happened to its path. */
  public String procPath() {
    return "/proc/self/fd/" + number();
  }

  /** read(2) into native memory; 0 at the end of the file. */
  public int read(Memory buffer, int count) {
    long n = Libc.read(number(), buffer, count);
    if (n < 0) {
      throw LinuxException.last("read", "fd " + number());
    }
    return (int) n;
  }

  /** write(2) from native memory; may write less than asked. */
  public int write(Memory buffer, int count) {
    long n = Libc.write(number(), buffer, count);
    if (n < 0) {
      throw LinuxException.last("write", "fd " + number());
    }
    return (int) n;
  }

  /** fsync(2). */
  public void sync() {
    if (Libc.fsync(number()) != 0) {
      throw LinuxException.last("fsync", "fd " + number());
    }
  }

  @Override
  public void close() {
    int n = number.getAndSet(CLOSED);
    if (n != CLOSED) {
      Libc.close(n);
    }
  }

  @Override
  public String toString() {
    return "fd " + number.get();
  }
}
