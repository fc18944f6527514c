package io.crij.monitor.exec;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.Epoll;
import io.crij.linux.io.FramePart;
import io.crij.linux.io.Pipe;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.Watch;
import io.crij.monitor.v1.HandedOutput;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a process writes to a pipe, up to a limit; what comes after is read and dropped. Kept in a
 * file in memory, because the heap of the monitor is small and its outputs are as large as their
 * writers want. Where the kernel has no room for that, {@link #failure} says so.
 */
final class CapturedOutput implements AutoCloseable {
  private static final int ROUNDS = 64;
  private static final int PIECE_BYTES = 1 << 20;
  private static final int ENDED = 0;
  private static final int MOVED = 1;

  private final @Nullable Fd pipe;
  private final EventLoop loop;
  private final Runnable onEnd;
  private final AtomicLong budgetBytes;
  private final Fd nothing;
  private @Nullable Watch watch;
  private long leftBytes;
  private long keptBytes;
  private @Nullable Fd file;
  private String failure = "";
  private boolean ended;
  private boolean closed;

  /**
   * Where outputs go that are not kept, and what is told of them.
   *
   * @param nothing where to drop what is too much
   * @param budgetBytes how much all outputs together may still keep
   * @param onEnd told once no writer is left
   */
  record Surroundings(Fd nothing, AtomicLong budgetBytes, EventLoop loop, Runnable onEnd) {}

  /**
   * Begins to read, on the loop's thread.
   *
   * @param pipe the reading end; owned from now on
   * @param maxBytes how much to keep
   */
  CapturedOutput(Fd pipe, long maxBytes, Surroundings around) {
    this(pipe, around);
    leftBytes = maxBytes;
    watch = watch(pipe);
  }

  private CapturedOutput(@Nullable Fd pipe, Surroundings around) {
    this.pipe = pipe;
    this.nothing = around.nothing();
    this.budgetBytes = around.budgetBytes();
    this.loop = around.loop();
    this.onEnd = around.onEnd();
  }

  /** Goes on where the program before stopped. */
  static CapturedOutput resume(HandedOutput handed, Surroundings around) {
    Fd pipe = handed.getPipe() == 0 ? null : Fd.owning(handed.getPipe());
    CapturedOutput output = new CapturedOutput(pipe, around);
    output.file = handed.getFile() == 0 ? null : Fd.owning(handed.getFile());
    output.keptBytes = handed.getKeptBytes();
    output.leftBytes = handed.getLeftBytes();
    output.failure = handed.getFailure();
    output.budgetBytes.addAndGet(-output.keptBytes);
    output.ended = pipe == null;
    if (pipe != null) {
      output.watch = output.watch(pipe);
    }
    return output;
  }

  private Watch watch(Fd read) {
    return loop.watch(read, Epoll.IN | Epoll.EDGE, _ -> drain());
  }

  /** All of it, for the next program in this process. */
  HandedOutput handOver() {
    HandedOutput.Builder handed =
        HandedOutput.newBuilder()
            .setKeptBytes(keptBytes)
            .setLeftBytes(leftBytes)
            .setFailure(failure);
    if (pipe != null && !ended) {
      handed.setPipe(pipe.number());
    }
    if (file != null) {
      handed.setFile(file.number());
    }
    return handed.build();
  }

  boolean isEnded() {
    return ended;
  }

  /** Takes what is in the pipe now. */
  void drain() {
    for (int i = 0; i < ROUNDS; i++) {
      if (pipe == null || ended || closed) {
        return;
      }
      int n = moveSome(pipe);
      if (n < 0) {
        return;
      }
      if (n == ENDED) {
        ended = true;
        closePipe();
        onEnd.run();
      }
    }
    // Others have their turn first.
    loop.execute(this::drain);
  }

  private void closePipe() {
    if (watch != null) {
      watch.close();
    }
    if (pipe != null) {
      pipe.close();
    }
  }

  /** As read(2), but with {@link #MOVED} too where it was the keeping that failed. */
  private int moveSome(Fd from) {
    boolean kept = leftBytes > 0;
    try {
      return kept ? keepSome(from) : Pipe.move(from, nothing, PIECE_BYTES);
    } catch (LinuxException e) {
      failure = String.valueOf(e.getMessage());
      // From now on it is dropped, so that its writer need not wait.
      leftBytes = 0;
      return kept ? MOVED : ENDED;
    }
  }

  private int keepSome(Fd from) {
    Fd target = file;
    if (target == null) {
      target = Descriptors.memoryFile("crij-exec");
      file = target;
    }
    int n = Pipe.move(from, target, (int) Math.min(leftBytes, PIECE_BYTES));
    if (n > 0) {
      leftBytes -= n;
      keptBytes += n;
      if (budgetBytes.addAndGet(-n) < 0) {
        leftBytes = 0;
      }
    }
    return n;
  }

  /** Why it could not be kept; empty if it could. */
  String failure() {
    return failure;
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
        closePipe();
      }
      if (file != null) {
        file.close();
      }
    }
  }
}
