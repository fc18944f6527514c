package io.crij.monitor.log;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.Epoll;
import io.crij.monitor.attach.StreamTap;
import io.crij.monitor.framing.CriFramer;
import io.crij.monitor.framing.OutputStreamKind;
import io.crij.monitor.framing.Tail;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.Gathered;
import io.crij.monitor.loop.Timer;
import io.crij.monitor.loop.Watch;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

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
  private final DroppedOutput dropped;
  private final Watch watch;
  private @Nullable Timer pause;
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
    this.dropped = new DroppedOutput(log, STDOUT, framer, loop, buffers);
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
    if (readSome(true)) {
      if (log.settings().dropsFloods()) {
        // More comes than a turn can log: the container does not wait for the next one.
        dropSome();
      }
      gather();
    }
  }

  @Override
  public void drainNow() {
    readSome(false);
  }

  /** Logs what a turn may bring; true if there may be more. */
  private boolean readSome(boolean limited) {
    for (int i = 0; i < ROUNDS && !ended; i++) {
      if (limited && log.allowance().bytes(System.nanoTime()) <= 0) {
        return overdrawn();
      }
      int n = readOrEnd();
      if (n <= 0) {
        return false;
      }
      log(n);
    }
    return !ended;
  }

  /** More was logged than is allowed: the container waits, or what it writes is dropped. */
  private boolean overdrawn() {
    if (log.settings().dropsFloods()) {
      return dropSome();
    }
    if (pause == null) {
      pause =
          loop.after(
              Duration.ofNanos(log.allowance().nanosUntilPositive()),
              () -> {
                pause = null;
                gather();
              });
    }
    return false;
  }

  /** Throws away what comes; who is attached sees it. True if there may be more. */
  private boolean dropSome() {
    for (int i = 0; i < ROUNDS && !ended; i++) {
      int n = readOrEnd();
      if (n <= 0) {
        return false;
      }
      seen(n);
      dropped.add(n);
    }
    return !ended;
  }

  private int readOrEnd() {
    int n = read();
    if (n == 0) {
      end();
    }
    return n;
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
    seen(n);
    framer.stamp(Instant.now());
    dropped.report();
    framer.frame(buffers.lines(), n, Tail.PARTIAL);
    if (!append(n)) {
      dropped.armReport();
    }
    log.allowance().use(n);
  }

  private void seen(int n) {
    tap.seen(buffers.in(), n, true);
    tap.taken(n);
  }

  private boolean append(int inputBytes) {
    boolean logged = log.append(STDOUT, buffers.lines(), inputBytes, 0);
    log.taken(STDOUT, framer.isMidLine());
    return logged;
  }

  private void end() {
    framer.stamp(Instant.now());
    dropped.reportAtEnd();
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
      if (pause != null) {
        pause.cancel();
      }
      dropped.close();
      watch.close();
      master.close();
      tap.end();
    }
  }
}
