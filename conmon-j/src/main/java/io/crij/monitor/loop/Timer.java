package io.crij.monitor.loop;

import org.jspecify.annotations.Nullable;

/** Something to be done later on the loop's thread. */
public final class Timer implements Comparable<Timer> {
  private final long deadlineNanos;
  private @Nullable Runnable task;

  Timer(long deadlineNanos, Runnable task) {
    this.deadlineNanos = deadlineNanos;
    this.task = task;
  }

  /** On the loop's thread: the task will not run any more. */
  public void cancel() {
    // It may lie in the loop's queue for long, and what it was for need not.
    task = null;
  }

  boolean isCancelled() {
    return task == null;
  }

  long nanosLeft(long nowNanos) {
    return deadlineNanos - nowNanos;
  }

  /** When it is to be done, by {@link System#nanoTime}. */
  public long deadlineNanos() {
    return deadlineNanos;
  }

  void run() {
    Runnable due = task;
    if (due != null) {
      due.run();
    }
  }

  @Override
  public int compareTo(Timer other) {
    return Long.signum(deadlineNanos - other.deadlineNanos);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
