package io.crij.monitor.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Calls that wait for a disk or for others who use the same file, made on a thread of their own so
 * that the loop turns meanwhile: one at a time. All methods are for the loop's thread.
 */
public final class SlowCalls {
  private static final int IDLE_SECONDS = 10;

  private final Executor loop;
  private final ThreadPoolExecutor thread;
  private List<Runnable> waiting = new ArrayList<>();
  private @Nullable UnderWay underWay;
  private boolean held;

  private static final class UnderWay {
    private final CompletableFuture<Void> call;
    private final Runnable then;

    private UnderWay(CompletableFuture<Void> call, Runnable then) {
      this.call = call;
      this.then = then;
    }
  }

  SlowCalls(Executor loop) {
    this.loop = loop;
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> Thread.ofPlatform().daemon().name("slow-calls").unstarted(task));
    thread.allowCoreThreadTimeOut(true);
  }

  /** Whether one is under way. */
  public boolean isUnderWay() {
    return underWay != null;
  }

  /** Whether none may be started: one is under way, or they are {@linkplain #hold held}. */
  public boolean isBusy() {
    return held || isUnderWay();
  }

  /** Has what comes next wait until {@link #release}; what is under way goes on. */
  public void hold() {
    held = true;
  }

  /** Lets calls be made again. */
  public void release() {
    held = false;
    runWaiting();
  }

  /**
   * Makes a call.
   *
   * @param then runs on the loop's thread when the call is over, even if it has failed
   * @throws IllegalStateException when it {@linkplain #isBusy has to wait}
   */
  public void start(Runnable call, Runnable then) {
    if (isBusy()) {
      throw new IllegalStateException("one slow call at a time");
    }
    UnderWay mine = new UnderWay(CompletableFuture.runAsync(call, thread), then);
    underWay = mine;
    var _ = mine.call.whenComplete((_, _) -> loop.execute(() -> finish(mine)));
  }

  /** Runs a task when a call may be made. */
  public void whenFree(Runnable task) {
    if (isBusy()) {
      waiting.add(task);
    } else {
      task.run();
    }
  }

  /** Blocks until the call under way is over and what comes then is done. */
  public void await() {
    UnderWay last = underWay;
    if (last != null) {
      finish(last);
    }
  }

  private void finish(UnderWay done) {
    if (underWay != done) {
      // Somebody could not wait for the loop.
      return;
    }
    // Each guarded: what fails of one log is no reason to forget another.
    EventLoop.guarded(done.call::join);
    underWay = null;
    EventLoop.guarded(done.then);
    runWaiting();
  }

  private void runWaiting() {
    if (!isBusy()) {
      List<Runnable> next = waiting;
      waiting = new ArrayList<>();
      next.forEach(EventLoop::guarded);
    }
  }
}
