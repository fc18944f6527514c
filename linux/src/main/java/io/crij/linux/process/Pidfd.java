package io.crij.linux.process;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.Syscall;
import io.crij.linux.io.FileStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor of a process (pidfd_open(2)): names it whatever becomes of its pid, gets readable
 * when it ends, and can be passed on.
 */
public final class Pidfd implements AutoCloseable {
  private static final int P_PIDFD = 3;
  private static final int WNOHANG = 1;
  private static final int WEXITED = 4;
  private static final int SIGINFO_BYTES = 128;
  private static final int SI_CODE = 8;
  private static final int SI_PID = 16;
  private static final int SI_STATUS = 24;
  private static final int CLD_EXITED = 1;

  // struct pidfd_info, first version (linux/pidfd.h), and ioctl _IOWR(0xFF, 11, 64 bytes).
  private static final int INFO_BYTES = 64;
  private static final long PIDFD_GET_INFO = 0xC000FF0BL | (long) INFO_BYTES << 16;
  private static final long PIDFD_INFO_EXIT = 8;
  private static final int INFO_EXIT_CODE = 60;

  private static final int POLLIN = 1;

  private final Fd fd;

  private Pidfd(Fd fd) {
    this.fd = fd;
  }

  /** Takes ownership of a descriptor that came from elsewhere. */
  public static Pidfd owning(Fd fd) {
    return new Pidfd(fd);
  }

  /**
   * pidfd_open(2).
   *
   * <p>Only sure for a child that has not been waited for; else use {@link #open(ProcessId)}.
   *
   * @throws LinuxException ESRCH when there is no such process
   */
  public static Pidfd open(int pid) {
    long fd = Syscall.call("pidfd_open", "process " + pid, Syscall.PIDFD_OPEN, pid, 0);
    return new Pidfd(Fd.owning((int) fd));
  }

  /** The process that is meant, also as a zombie; null once it was reaped. */
  public static @Nullable Pidfd open(ProcessId id) {
    Pidfd pidfd;
    try {
      pidfd = open(id.pid());
    } catch (LinuxException e) {
      if (e.errno() == Errno.ESRCH || e.errno() == Errno.EINVAL) {
        return null;
      }
      throw e;
    }
    // Looked at after the opening: if the start time is right now, the descriptor is right.
    if (id.stat() == null) {
      pidfd.close();
      return null;
    }
    return pidfd;
  }

  public Fd fd() {
    return fd;
  }

  /** Unique per process on kernels with pidfs (6.9 and newer), the same for all pidfds before. */
  public long inode() {
    return FileStatus.of(fd).inode();
  }

  /**
   * pidfd_send_signal(2).
   *
   * @return false when the process has been reaped
   */
  public boolean signal(int signal) {
    try {
      Syscall.call(
          "pidfd_send_signal", fd.toString(), Syscall.PIDFD_SEND_SIGNAL, fd.number(), signal, 0, 0);
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.ESRCH) {
        return false;
      }
      throw e;
    }
  }

  /** Whether the process has ended, reaped or not; asked by any holder. */
  public boolean hasEnded() {
    return awaitEnd(Duration.ZERO);
  }

  /**
   * Blocks the thread until the process has ended; for platform threads.
   *
   * @return false if it still runs after {@code timeout}
   */
  public boolean awaitEnd(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    try (Memory poll = new Memory(8)) {
      while (true) {
        poll.setInt(0, fd.number());
        poll.setShort(4, (short) POLLIN);
        poll.setShort(6, (short) 0);
        long left = Math.max(0, deadline - System.nanoTime());
        int millis = (int) Math.min(Integer.MAX_VALUE, (left + 999_999) / 1_000_000);
        int ready = ProcessLibrary.poll(poll, 1, millis);
        if (ready > 0) {
          return true;
        }
        if (ready < 0 && Native.getLastError() != Errno.EINTR) {
          throw LinuxException.last("poll", fd.toString());
        }
        if (ready == 0 && left == 0) {
          return false;
        }
      }
    }
  }

  /**
   * Takes the exit status of a child that has ended, so that it is no zombie any more: waitid(2).
   *
   * @return null if it still runs
   * @throws LinuxException ECHILD when it is not our child, or was reaped before
   */
  public @Nullable ExitStatus reap() {
    try (Memory info = new Memory(SIGINFO_BYTES)) {
      info.clear();
      while (ProcessLibrary.waitid(P_PIDFD, fd.number(), info, WEXITED | WNOHANG) != 0) {
        if (Native.getLastError() != Errno.EINTR) {
          throw LinuxException.last("waitid", fd.toString());
        }
      }
      return info.getInt(SI_PID) == 0 ? null : status(info);
    }
  }

  static ExitStatus status(Memory info) {
    int status = info.getInt(SI_STATUS);
    return info.getInt(SI_CODE) == CLD_EXITED
        ? new ExitStatus(status & 0xff, 0)
        : new ExitStatus(0, status);
  }

  /**
   * The exit status of a process that others reap: the kernel keeps it with the pidfd once it was
   * reaped (Linux 6.15 and newer), and in {@code /proc} before.
   *
   * @return null if the process runs, or nobody can know any more
   */
  public @Nullable ExitStatus exitStatus(ProcessId id) {
    ExitStatus kept = keptExitStatus();
    if (kept != null) {
      return kept;
    }
    ProcessStat stat = id.stat();
    if (stat != null && stat.isZombie()) {
      return ExitStatus.ofWaitStatus(stat.waitStatus());
    }
    // It may have been reaped between the two looks.
    return stat == null ? keptExitStatus() : null;
  }

  private @Nullable ExitStatus keptExitStatus() {
    try (Memory info = new Memory(INFO_BYTES)) {
      info.clear();
      info.setLong(0, PIDFD_INFO_EXIT);
      if (ProcessLibrary.ioctl(fd.number(), PIDFD_GET_INFO, info) != 0
          || (info.getLong(0) & PIDFD_INFO_EXIT) == 0) {
        // An older kernel, or the process has not been reaped.
        return null;
      }
      return ExitStatus.ofWaitStatus(info.getInt(INFO_EXIT_CODE));
    }
  }

  @Override
  public void close() {
    fd.close();
  }
}
