package io.crij.linux.io;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.Syscall;

/** An epoll(7) instance. One thread waits; {@link #wake} may be called by any. */
public final class Epoll implements AutoCloseable {
  public static final int IN = 1;

  /** Of files of the kernel's own: what stands in them has changed. */
  public static final int PRI = 2;

  public static final int OUT = 4;
  public static final int ERR = 8;
  public static final int HUP = 0x10;

  /** Tells of a change once, not for as long as it lasts. */
  public static final int EDGE = 1 << 31;

  /** Wait without end. */
  public static final long FOREVER = -1;

  private static final int EPOLL_PWAIT2 = 441;
  private static final int EPOLL_CLOEXEC = 0x80000;
  private static final int EFD_NONBLOCK = 0x800;
  private static final int EFD_CLOEXEC = 0x80000;
  private static final int ADD = 1;
  private static final int DELETE = 2;
  private static final int MODIFY = 3;
  private static final long SECOND_NANOS = 1_000_000_000L;

  // struct epoll_event is packed on x86-64 alone.
  private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");
  private static final int TOKEN = PACKED ? 4 : 8;
  private static final int EVENT_BYTES = PACKED ? 12 : 16;
  private static final int MAX_EVENTS = 256;

  private static final long WAKE_TOKEN = -1;

  private final Fd fd;
  private final Fd wakeUps;
  private final Memory control = new Memory(EVENT_BYTES);
  private final Memory events = new Memory((long) EVENT_BYTES * MAX_EVENTS);
  private final Memory timeout = new Memory(2L * Long.BYTES);
  private final NativeBuffer counter = NativeBuffer.allocate(Long.BYTES);

  private Epoll(Fd fd, Fd wakeUps) {
    this.fd = fd;
    this.wakeUps = wakeUps;
    // Written by any thread, so never changed.
    counter.bytes().putLong(0, 1);
  }

  public static Epoll open() {
    int fd = IoLibrary.epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) {
      throw LinuxException.last("epoll_create1", "a new instance");
    }
    int wakeUps = IoLibrary.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wakeUps < 0) {
      throw LinuxException.last("eventfd", "a new counter");
    }
    Epoll epoll = new Epoll(Fd.owning(fd), Fd.owning(wakeUps));
    // Edge-triggered: the counter need not be read.
    epoll.add(epoll.wakeUps, IN | EDGE, WAKE_TOKEN);
    return epoll;
  }

  /**
   * Watches a descriptor.
   *
   * @param token not negative; comes back with its events
   */
  public void add(Fd watched, int interest, long token) {
    control(ADD, watched, interest, token);
  }

  public void modify(Fd watched, int interest, long token) {
    control(MODIFY, watched, interest, token);
  }

  /** To be called before the descriptor is closed: it may be open elsewhere too. */
  public void remove(Fd watched) {
    control(DELETE, watched, 0, 0);
  }

  private void control(int operation, Fd watched, int interest, long token) {
    control.setInt(0, interest);
    control.setLong(TOKEN, token);
    if (IoLibrary.epoll_ctl(fd.number(), operation, watched.number(), control) != 0) {
      throw LinuxException.last("epoll_ctl", watched.toString());
    }
  }

  /**
   * Blocks the thread until something happens; for platform threads.
   *
   * @param nanos or {@link #FOREVER}
   * @return how many events there are: 0 after the time has passed
   */
  public int await(long nanos) {
    long time = 0;
    if (nanos >= 0) {
      timeout.setLong(0, nanos / SECOND_NANOS);
      timeout.setLong(Long.BYTES, nanos % SECOND_NANOS);
      time = Syscall.address(timeout);
    }
    try {
      return (int)
          Syscall.call(
              "epoll_pwait2",
              fd.toString(),
              EPOLL_PWAIT2,
              fd.number(),
              Syscall.address(events),
              MAX_EVENTS,
              time,
              0,
              0);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EINTR) {
        return 0;
      }
      throw e;
    }
  }

  /** The token of the event at this index; negative if it was a {@link #wake}. */
  public long token(int index) {
    return events.getLong((long) EVENT_BYTES * index + TOKEN);
  }

  /** What happened to the descriptor of the event at this index. */
  public int events(int index) {
    return events.getInt((long) EVENT_BYTES * index);
  }

  /** Makes a waiting thread return, or the next to wait return at once. */
  public void wake() {
    if (IoLibrary.write(wakeUps.number(), counter.address(0, Long.BYTES), Long.BYTES) < 0
        && Native.getLastError() != Errno.EAGAIN) {
      throw LinuxException.last("write", "eventfd");
    }
  }

  @Override
  public void close() {
    wakeUps.close();
    fd.close();
  }
}
