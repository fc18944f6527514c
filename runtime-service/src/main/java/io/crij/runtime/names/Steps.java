package io.crij.runtime.names;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * At which stage a verb is and since when, for those who wait for it or watch. Any thread may look.
 */
public final class Steps {
  private record Step(Stage stage, long sinceNanos) {}

  private final StageWatch.Making watch;
  private volatile Step current = new Step(Stage.BEGINNING, System.nanoTime());

  /** Of what is a part of something else. */
  public Steps() {
    this(StageWatch.NONE.begins());
  }

  Steps(StageWatch.Making watch) {
    this.watch = watch;
  }

  /**
   * Does something in its caller's own thread, which is interrupted when he leaves.
   *
   * @param watch is told of it
   */
  public static void watched(StageWatch watch, Consumer<Steps> work) {
    Steps steps = new Steps(watch.begins());
    Throwable failure = null;
    try {
      work.accept(steps);
    } catch (RuntimeException | Error e) {
      failure = e;
      throw e;
    } finally {
      if (Thread.currentThread().isInterrupted()) {
        watch.stalled(steps.stage());
      }
      steps.end(failure);
    }
  }

  /** Says what is done from now on. */
  public void begin(Stage stage) {
    current = new Step(stage, System.nanoTime());
    watch.stage(stage);
  }

  Stage stage() {
    return current.stage();
  }

  /**
   * Nothing is done any more.
   *
   * @param failure null when it was made
   */
  void end(@Nullable Throwable failure) {
    watch.ends(failure);
  }

  /** E.g. "attaching the network since 5 s". */
  @Override
  public String toString() {
    Step step = current;
    return step.stage().words() + " since " + seconds(System.nanoTime() - step.sinceNanos());
  }

  private static String seconds(long nanos) {
    return Duration.ofNanos(nanos).toSeconds() + " s";
  }
}
