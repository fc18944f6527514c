package io.crij.runtime.names;

import io.crij.runtime.ServiceException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The names of pod sandboxes or of containers, each held by at most one.
 *
 * <p>A name is free, being made, or held. A request for a free name is made on a thread of its own,
 * so that it goes on to its end even if its caller gives up. The same request again joins the one
 * under way; if the first was finished after all its callers had left, the repetition is given its
 * result. A failed request leaves its name free.
 */
public final class Names {
  private static final Logger log = LoggerFactory.getLogger(Names.class);

  /** What takes longer is said in the log, and again after twice the time. */
  private static final Duration SLOW = Duration.ofSeconds(30);

  /** One name that is not free. */
  private static final class Claim {
    /** What asked for the name; null once its result was delivered. */
    @Nullable Object request;

    final Steps steps;
    long slowNanos = SLOW.toNanos();
    @Nullable String id;
    @Nullable Throwable failure;

    Claim(@Nullable Object request, Steps steps) {
      this.request = request;
      this.steps = steps;
    }

    boolean isFinished() {
      return id != null || failure != null;
    }
  }

  private final String kind;
  private final StageWatch watch;
  private final Map<String, Claim> claims = new HashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition finished = lock.newCondition();

  /**
   * @param kind of what is named, e.g. "pod sandbox", for messages
   */
  public Names(String kind, StageWatch watch) {
    this.kind = kind;
    this.watch = watch;
  }

  /**
   * Makes what is to bear {@code name}, or joins the same request under way.
   *
   * @param request compared by equals: tells a repetition from another request for the same name
   * @param make returns the id of what it made, and says at which step it is; runs on a virtual
   *     thread that nobody interrupts
   * @return the id, which holds the name until {@link #release}
   * @throws ServiceException.AlreadyExists when the name is held, or being made by another request
   * @throws ServiceException.DeadlineExceeded when this caller is interrupted; it is told the step,
   *     and the request goes on
   */
  public String claim(String name, Object request, Function<Steps, String> make) {
    lock.lock();
    try {
      Claim claim = claims.get(name);
      if (claim == null) {
        claim = new Claim(request, new Steps(watch.begins()));
        claims.put(name, claim);
        Claim started = claim;
        Thread.ofVirtual().name(kind + " " + name).start(() -> run(name, started, make));
      } else if (!request.equals(claim.request)) {
        throw new ServiceException.AlreadyExists(taken(name, claim));
      }
      return await(name, claim);
    } finally {
      lock.unlock();
    }
  }

  /** Records that {@code id} holds the name, as found in the records at the start. */
  public void hold(String name, String id) {
    lock.lock();
    try {
      Claim claim = new Claim(null, new Steps());
      claim.id = id;
      claims.put(name, claim);
    } finally {
      lock.unlock();
    }
  }

  /** Frees the name if {@code id} holds it. */
  public void release(String name, String id) {
    lock.lock();
    try {
      Claim claim = claims.get(name);
      if (claim != null && id.equals(claim.id)) {
        claims.remove(name);
      }
    } finally {
      lock.unlock();
    }
  }

  private void run(String name, Claim claim, Function<Steps, String> make) {
    String id = null;
    Throwable failure = null;
    try {
      id = make.apply(claim.steps);
    } catch (RuntimeException | Error e) {
      failure = e;
    }
    claim.steps.end(failure);
    lock.lock();
    try {
      claim.id = id;
      claim.failure = failure;
      if (failure != null) {
        claims.remove(name, claim);
      }
      finished.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the end of the claim's request; the lock is held. */
  private String await(String name, Claim claim) {
    try {
      awaitEnd(name, claim);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      watch.stalled(claim.steps.stage());
      throw new ServiceException.DeadlineExceeded(
          kind
              + (" " + name + " is still being made (" + claim.steps + ")")
              + "; the same request again will join it",
          e);
    }
    Throwable failure = claim.failure;
    if (failure instanceof ServiceException known) {
      throw known;
    }
    if (failure != null) {
      throw new ServiceException.Internal(kind + " " + name + ": " + failure.getMessage(), failure);
    }
    String id = Objects.requireNonNull(claim.id, "neither made nor failed");
    claim.request = null;
    return id;
  }

  private void awaitEnd(String name, Claim claim) throws InterruptedException {
    long started = System.nanoTime();
    while (!claim.isFinished()) {
      long slow = claim.slowNanos;
      if (finished.awaitNanos(started + slow - System.nanoTime()) <= 0
          && !claim.isFinished()
          && slow == claim.slowNanos) {
        log.warn("{} {} is still being made: {}", kind, name, claim.steps);
        claim.slowNanos *= 2;
      }
    }
  }

  private String taken(String name, Claim claim) {
    return claim.id == null
        ? kind + " " + name + " is being made by another request (" + claim.steps + ")"
        : kind + " " + name + " exists already with id " + claim.id;
  }
}
