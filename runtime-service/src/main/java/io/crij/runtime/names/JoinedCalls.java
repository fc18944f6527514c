package io.crij.runtime.names;

import io.crij.runtime.ServiceException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Verbs that several callers may ask for at once: the first starts it on a thread of its own, the
 * others wait for the same end. It goes on even if all callers give up.
 */
public final class JoinedCalls {
  private final String verb;
  private final Map<String, FutureTask<Boolean>> running = new ConcurrentHashMap<>();

  /**
   * @param verb for messages, e.g. "stop pod sandbox"
   */
  public JoinedCalls(String verb) {
    this.verb = verb;
  }

  /**
   * Runs {@code work} unless it runs already for this key, and waits for its end.
   *
   * @throws ServiceException.DeadlineExceeded when this caller is interrupted; the work goes on
   */
  public void run(String key, Runnable work) {
    FutureTask<Boolean> task = running.computeIfAbsent(key, _ -> start(key, work));
    try {
      task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException.DeadlineExceeded(verb + " " + key + " is still under way", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ServiceException known) {
        throw known;
      }
      throw new ServiceException.Internal(verb + " " + key + ": " + message(e), e);
    }
  }

  private FutureTask<Boolean> start(String key, Runnable work) {
    FutureTask<Boolean> task =
        new FutureTask<>(() -> {
          try {
            work.run();
            return true;
          } finally {
            running.remove(key);
          }
        });
    Thread.ofVirtual().name(verb + " " + key).start(task);
    return task;
  }

  private static String message(ExecutionException e) {
    Throwable cause = e.getCause();
    return cause == null ? "failed" : String.valueOf(cause.getMessage());
  }
}
