package io.crij.monitor.exec;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.Epoll;
import io.crij.linux.io.FramePart;
import io.crij.linux.io.Pipe;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.loop.Watch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a process writes to a pipe, up to a limit; what comes after is read and dropped. Kept in a
 * file in memory, because the heap of the monitor is small and its outputs are as large as their
 * writers want.
 */
final class CapturedOutput implements AutoCloseable {
  private static final int ROUNDS = 64;
  private static final int PIECE_BYTES = 1 << 20;

  private final Fd pipe;
  private final EventLoop loop;
  private final Runnable onEnd;
  private final AtomicLong budgetBytes;
  private final Watch watch;
  private final Fd nothing;
  private long leftBytes;
  private long keptBytes;
  private @Nullable Fd file;
  private boolean ended;
  private boolean closed;

  /**
   * Begins to read, on the loop's thread.
   *
   * @param pipe the reading end; owned from now on
   * @param nothing where to drop what is too much
   * @param maxBytes how much to keep
   * @param budgetBytes how much all outputs together may still keep
   * @param onEnd told once no writer is left
   */
  CapturedOutput(
      Fd pipe, Fd nothing, long maxBytes, AtomicLong budgetBytes, EventLoop loop, Runnable onEnd) {
    this.pipe = pipe;
    this.nothing = nothing;
    this.leftBytes = maxBytes;
    this.budgetBytes = budgetBytes;
    this.loop = loop;
    this.onEnd = onEnd;
    this.watch = loop.watch(pipe, Epoll.IN | Epoll.EDGE, _ -> drain());
  }

  boolean isEnded() {
    return ended;
  }

  /** Takes what is in the pipe now. */
  void drain() {
    for (int i = 0; i < ROUNDS; i++) {
      if (ended || closed) {
        return;
      }
      int n = moveSome();
      if (n < 0) {
        return;
      }
      if (n == 0) {
        ended = true;
        watch.close();
        pipe.close();
        onEnd.run();
      }
    }
    // Others have their turn first.
    loop.execute(this::drain);
  }

  private int moveSome() {
    Fd target = leftBytes > 0 ? target() : nothing;
    int length = (int) (target == nothing ? PIECE_BYTES : Math.min(leftBytes, PIECE_BYTES));
    int n = Pipe.move(pipe, target, length);
    if (n > 0 && target != nothing) {
      leftBytes -= n;
      keptBytes += n;
      if (budgetBytes.addAndGet(-n) < 0) {
        leftBytes = 0;
      }
    }
    return n;
  }

  private Fd target() {
    Fd target = file;
    if (target == null) {
      try {
        target = Descriptors.memoryFile("crij-exec");
      } catch (LinuxException e) {
        StderrLog.failure("output of an exec is dropped", e);
        leftBytes = 0;
        return nothing;
      }
      file = target;
    }
    return target;
  }

  long keptBytes() {
    return keptBytes;
  }

  /** Hands over what was kept: the file is closed by whoever sends the frame. */
  FramePart takeContent() {
    Fd content = file;
    file = null;
    return content == null
        ? new FramePart.Bytes(new byte[0])
        : new FramePart.File(content, keptBytes);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      budgetBytes.addAndGet(keptBytes);
      if (!ended) {
        watch.close();
        pipe.close();
      }
      if (file != null) {
        file.close();
      }
    }
  }
}
