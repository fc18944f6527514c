package io.crij.image.work;

import io.crij.image.ImageException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does several things at once; the first failure ends the others. */
public final class AllAtOnce {
  private AllAtOnce() {}

  /**
   * Each in a virtual thread of its own, all of which have ended when this returns.
   *
   * @param what is done, for the message of a failure
   * @return the results, in the order of the work
   * @throws ImageException the first failure, or that the caller was interrupted
   */
  public static <T> List<T> run(String what, List<? extends Callable<T>> work) {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      ExecutorCompletionService<T> completed = new ExecutorCompletionService<>(executor);
      List<Future<T>> results = new ArrayList<>();
      work.forEach(one -> results.add(completed.submit(one)));
      try {
        for (int i = 0; i < results.size(); i++) {
          completed.take().get();
        }
        return results.stream().map(Future::resultNow).toList();
      } catch (InterruptedException e) {
        executor.shutdownNow();
        Thread.currentThread().interrupt();
        throw new ImageException.Unavailable("interrupted", e);
      } catch (ExecutionException e) {
        executor.shutdownNow();
        if (e.getCause() instanceof ImageException cause) {
          throw cause;
        }
        throw new ImageException.Internal(what + ": " + e.getMessage(), e);
      }
    }
  }
}
