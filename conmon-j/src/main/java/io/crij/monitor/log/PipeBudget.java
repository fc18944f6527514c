package io.crij.monitor.log;

import io.crij.linux.Fd;
import io.crij.linux.io.Pipe;

/**
 * How large the pipes of containers are. The kernel counts the pipes of each user, and gives a user
 * with more than {@code fs.pipe-user-pages-soft} (64 MiB) only tiny ones; root's are those of the
 * whole node. So pipes are small as long as little goes through them, and those that are large at
 * one time have a limit together: 1000 quiet pipes and all growth take 44 MiB.
 */
public final class PipeBudget {
  /**
   * What a pipe has while little is written to it: a line that is just too long to be logged whole,
   * and some output of a container whose monitor is away.
   */
  static final int QUIET_BYTES = 32 * 1024;

  /**
   * What a pipe has at most. Larger ones gain nothing, but their content leaves the processor's
   * cache before it is read.
   */
  static final int LARGEST_BYTES = 256 * 1024;

  private static final int STEP = 4;
  private static final long BUDGET_BYTES = 12L * 1024 * 1024;

  private long grownBytes;

  /** A pipe for a container's output: small, and of an end that lasts. */
  public static Pipe open() {
    Pipe pipe = Pipe.openWithLastingEnd();
    Pipe.tryResize(pipe.read(), QUIET_BYTES);
    return pipe;
  }

  /** Counts a pipe that may be larger than a quiet one already. */
  int adopt(Fd pipe) {
    int capacity = Pipe.capacity(pipe);
    grownBytes += growth(capacity);
    return capacity;
  }

  /** Grows it by a step where it may; returns how many bytes it holds now. */
  int grow(Fd pipe, int capacity) {
    int wanted = Math.min(LARGEST_BYTES, capacity * STEP);
    boolean allowed = grownBytes - growth(capacity) + growth(wanted) <= BUDGET_BYTES;
    return wanted > capacity && allowed ? resize(pipe, capacity, wanted) : capacity;
  }

  /**
   * Makes it quiet again, unless it holds too much; returns how many bytes it holds at most now.
   */
  int shrink(Fd pipe, int capacity) {
    return resize(pipe, capacity, QUIET_BYTES);
  }

  /** The pipe is closed. */
  void release(int capacity) {
    grownBytes -= growth(capacity);
  }

  private int resize(Fd pipe, int from, int to) {
    if (!Pipe.tryResize(pipe, to)) {
      return from;
    }
    grownBytes += growth(to) - growth(from);
    return to;
  }

  private static long growth(int capacity) {
    return Math.max(0, capacity - QUIET_BYTES);
  }
}
