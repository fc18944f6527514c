package io.crij.monitor.log;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.Epoll;
import io.crij.monitor.attach.StreamTap;
import io.crij.monitor.framing.CriFramer;
import io.crij.monitor.framing.Tail;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.Gathered;
import io.crij.monitor.loop.Watch;
import java.time.Instant;

/**
 * Logs what a container writes to its terminal, as stdout. A terminal cannot be looked into without
 * emptying it, so text is logged as it comes, in parts where a line is not complete.
 */
public final class LoggedTerminal implements LoggedStream, Gathered {
  /** Even if each byte is a line, what is framed of it fits into the buffer. */
  private static final int READ_BYTES = 8 * 1024;

  private static final int ROUNDS = 16;
  private static final long GATHER_NANOS = 500_000;
  private static final int STDOUT = OutputStreamKind.STDOUT.number();

  private final Fd master;
  private final ContainerLog log;
  private final EventLoop loop;
  private final StreamBuffers buffers;
  private final CriFramer framer = new CriFramer(OutputStreamKind.STDOUT.label());
  private final StreamTap tap = new StreamTap();
  private final Watch watch;
  private boolean gathering;
  private long dueNanos;
  private boolean ended;

  /**
   * Begins to log.
   *
   * @param master of the pty, {@code O_NONBLOCK}; owned from now on
   */
  public LoggedTerminal(Fd master, ContainerLog log, EventLoop loop, StreamBuffers buffers) {
    this.master = master;
    this.log = log;
    this.loop = loop;
    this.buffers = buffers;
    framer.resumeMidLine(log.journal().isMidLine(STDOUT));
    this.watch = loop.watch(master, Epoll.IN | Epoll.EDGE, _ -> gather());
  }

  @Override
  public Fd fd() {
    return master;
  }

  @Override
  public StreamTap tap() {
    return tap;
  }

  @Override
  public boolean isEnded() {
    return ended;
  }

  private void gather() {
    if (!gathering) {
      gathering = true;
      dueNanos = System.nanoTime() + GATHER_NANOS;
      loop.gather(this);
    }
  }

  @Override
  public long dueNanos() {
    return dueNanos;
  }

  @Override
  public void drain() {
    gathering = false;
    if (readSome()) {
      gather();
    }
  }

  @Override
  public void drainNow() {
    readSome();
  }

  private boolean readSome() {
    for (int i = 0; i < ROUNDS && !ended; i++) {
      int n = read();
      if (n < 0) {
        return false;
      }
      if (n == 0) {
        end();
        return false;
      }
      log(n);
    }
    return !ended;
  }

  /** EIO means that no process has the terminal open any more. */
  private int read() {
    try {
      return Descriptors.read(master, buffers.in(), 0, READ_BYTES);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EIO) {
        return 0;
      }
      throw e;
    }
  }

  private void log(int n) {
    tap.seen(buffers.in(), n, true);
    tap.taken(n);
    framer.stamp(Instant.now());
    framer.frame(buffers.lines(), n, Tail.PARTIAL);
    append(n);
  }

  private void append(int inputBytes) {
    log.append(STDOUT, buffers.lines(), inputBytes, 0);
    log.taken(STDOUT, framer.isMidLine());
  }

  private void end() {
    framer.stamp(Instant.now());
    framer.finish(buffers.lines());
    if (buffers.lines().bytes() > 0) {
      append(0);
    }
    close();
  }

  @Override
  public void close() {
    if (!ended) {
      ended = true;
      watch.close();
      master.close();
      tap.end();
    }
  }
}
