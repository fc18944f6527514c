package io.crij.monitor.loop;

/** Something to be done later on the loop's thread. */
public final class Timer implements Comparable<Timer> {
  private final long deadlineNanos;
  private final Runnable task;
  private boolean cancelled;

  Timer(long deadlineNanos, Runnable task) {
    this.deadlineNanos = deadlineNanos;
    this.task = task;
  }

  /** On the loop's thread: the task will not run any more. */
  public void cancel() {
    cancelled = true;
  }

  boolean isCancelled() {
    return cancelled;
  }

  long nanosLeft(long nowNanos) {
    return deadlineNanos - nowNanos;
  }

  /** When it is to be done, by {@link System#nanoTime}. */
  public long deadlineNanos() {
    return deadlineNanos;
  }

  void run() {
    if (!cancelled) {
      task.run();
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
