package io.crij.monitor.loop;

import io.crij.linux.Fd;
import io.crij.linux.io.Epoll;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Waits for events and handles them one after the other on one platform thread, so that what is
 * only touched by handlers needs no lock. A handler that fails is logged and the loop goes on:
 * other containers depend on it.
 */
public final class EventLoop implements Executor, AutoCloseable {
  /** No input gathers longer, and nothing else waits longer for it. */
  private static final long GATHER_NANOS = 1_000_000;

  /** Sleeping for less takes longer than that. */
  private static final long SHORTEST_SLEEP_NANOS = 50_000;

  private final Epoll epoll = Epoll.open();
  private final Map<Long, EventHandler> handlers = new HashMap<>();
  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private List<Gathered> gathering = new ArrayList<>();
  private List<Gathered> draining = new ArrayList<>();
  private final SlowCalls slowCalls = new SlowCalls(this);
  private long nextToken;
  private final Object waking = new Object();
  private volatile boolean stopped;
  private boolean closed;

  /** Watches a descriptor, on the loop's thread. */
  public Watch watch(Fd fd, int interest, EventHandler handler) {
    long token = nextToken++;
    epoll.add(fd, interest, token);
    handlers.put(token, handler);
    return new Watch(this, fd, token);
  }

  void modify(Fd fd, int interest, long token) {
    epoll.modify(fd, interest, token);
  }

  void remove(Fd fd, long token) {
    handlers.remove(token);
    epoll.remove(fd);
  }

  /** Runs a task soon on the loop's thread; from any thread. */
  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    wake();
  }

  /** Runs a task later, on the loop's thread; to be called there too. */
  public Timer after(Duration delay, Runnable task) {
    Timer timer = new Timer(System.nanoTime() + delay.toNanos(), task);
    timers.add(timer);
    return timer;
  }

  /** Runs a task at a time by {@link System#nanoTime}, on the loop's thread. */
  public Timer at(long nanos, Runnable task) {
    return after(Duration.ofNanos(Math.max(0, nanos - System.nanoTime())), task);
  }

  /** Has the input drained when it is due, on the loop's thread. */
  public void gather(Gathered input) {
    gathering.add(input);
  }

  /** For what would keep the loop from turning. */
  public SlowCalls slowCalls() {
    return slowCalls;
  }

  /** Handles events until {@link #stop}. */
  public void run() {
    while (!stopped) {
      int count = epoll.await(gathering.isEmpty() ? untilNextTimer() : 0);
      for (int i = 0; i < count; i++) {
        handle(i);
      }
      runTasks();
      runTimers();
      drainGathered();
    }
    runTasks();
  }

  /** Whether {@link #run} is to end, or has. */
  public boolean isStopped() {
    return stopped;
  }

  /** Ends {@link #run} after the events under way; from any thread. */
  public void stop() {
    stopped = true;
    wake();
  }

  /** Workers may end, or a signal come, when the loop has gone already. */
  private void wake() {
    synchronized (waking) {
      if (!closed) {
        epoll.wake();
      }
    }
  }

  private void handle(int index) {
    long token = epoll.token(index);
    // Absent for a wake-up, and where an earlier handler of this round has closed the watch.
    EventHandler handler = handlers.get(token);
    if (handler != null) {
      int events = epoll.events(index);
      guarded(() -> handler.ready(events));
    }
  }

  private void runTasks() {
    Runnable task;
    while ((task = tasks.poll()) != null) {
      guarded(task);
    }
  }

  private void runTimers() {
    Timer due;
    while ((due = firstTimer()) != null && due.nanosLeft(System.nanoTime()) <= 0) {
      timers.remove(due);
      guarded(due::run);
    }
  }

  private @Nullable Timer firstTimer() {
    Timer first = timers.peek();
    while (first != null && first.isCancelled()) {
      timers.remove(first);
      first = timers.peek();
    }
    return first;
  }

  private long untilNextTimer() {
    Timer first = firstTimer();
    return first == null ? Epoll.FOREVER : Math.max(0, first.nanosLeft(System.nanoTime()));
  }

  private void drainGathered() {
    if (gathering.isEmpty()) {
      return;
    }
    long now = sleepUntilDue();
    List<Gathered> waiting = gathering;
    gathering = draining;
    draining = waiting;
    for (Gathered input : waiting) {
      if (input.dueNanos() - now <= SHORTEST_SLEEP_NANOS) {
        guarded(input::drain);
      } else {
        gathering.add(input);
      }
    }
    waiting.clear();
  }

  /** Returns the time by {@link System#nanoTime}. */
  private long sleepUntilDue() {
    long now = System.nanoTime();
    long wait = GATHER_NANOS;
    for (Gathered input : gathering) {
      wait = Math.min(wait, input.dueNanos() - now);
    }
    if (wait <= SHORTEST_SLEEP_NANOS) {
      return now;
    }
    // Not in epoll: every write would wake us, edge-triggered or not.
    LockSupport.parkNanos(wait);
    return System.nanoTime();
  }

  static void guarded(Runnable handler) {
    try {
      handler.run();
    } catch (RuntimeException e) {
      StderrLog.failure("handler failed", e);
    }
  }

  @Override
  public void close() {
    synchronized (waking) {
      closed = true;
      epoll.close();
    }
  }
}
