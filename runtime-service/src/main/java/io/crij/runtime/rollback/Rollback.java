package io.crij.runtime.rollback;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of a verb that must be taken back when it fails.
 *
 * <p>Each undo is registered <em>before</em> the step it undoes, so an undo must also succeed when
 * its step did nothing or only a part. {@link #undo} runs them all in reverse order, whatever fails
 * among them. Steps may be registered from several threads.
 */
public final class Rollback {
  /** Takes a step back; "already gone" is success. Limits its own time. */
  @FunctionalInterface
  public interface Undo {
    void run() throws Exception;
  }

  private record Step(String name, Undo undo) {}

  private static final Logger log = LoggerFactory.getLogger(Rollback.class);

  private final String subject;
  private final Deque<Step> steps = new ArrayDeque<>();

  /**
   * @param subject what the verb works on, e.g. "sandbox 4f1e…", for the log
   */
  public Rollback(String subject) {
    this.subject = subject;
  }

  /**
   * Registers the undo of a step that is about to be taken.
   *
   * @param name of the step, e.g. "mount shm"
   */
  public synchronized void register(String name, Undo undo) {
    steps.push(new Step(name, undo));
  }

  /** The verb has succeeded: nothing is taken back any more. */
  public synchronized void commit() {
    steps.clear();
  }

  /**
   * Takes back every registered step, the last one first. Failures are logged, do not keep the
   * other undos from running, and are added to {@code cause} as suppressed exceptions.
   *
   * @return the names of the steps that could not be taken back; empty when nothing is left
   */
  public List<String> undo(Throwable cause) {
    List<String> failed = new ArrayList<>();
    for (Step step = next(); step != null; step = next()) {
      try {
        step.undo().run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        failed.add(step.name());
      } catch (Exception e) {
        log.warn("{}: undo of \"{}\" failed: {}", subject, step.name(), e.getMessage());
        cause.addSuppressed(e);
        failed.add(step.name());
      }
    }
    return failed;
  }

  private synchronized @Nullable Step next() {
    return steps.poll();
  }
}
