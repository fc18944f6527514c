package io.crij.image.registry.session;

import io.crij.image.ImageException;
import io.crij.image.registry.hosts.RegistryHost.Capability;
import io.crij.image.registry.transport.Timing;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the hosts of a registry one after the other until one serves. A host that was unavailable is
 * asked after the others until it serves again, so a dead mirror costs one pull one wait.
 */
public final class HostRotation implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HostRotation.class);

  private final String errand;
  private final List<HostSession> hosts;
  private final Timing timing;
  private final Set<HostSession> troubled = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** What is asked of a host. */
  @FunctionalInterface
  public interface Question<T> {
    T ask(HostSession host) throws HostFailure, IOException;
  }

  /**
   * @param errand what is done there, for messages: {@code fetch}
   * @param hosts as configured; the registry itself last
   */
  public HostRotation(String errand, List<HostSession> hosts, Timing timing) {
    this.errand = errand;
    this.hosts = List.copyOf(hosts);
    this.timing = timing;
  }

  /** The first answer, whoever gives it. */
  public <T> T ask(String what, Capability capability, Question<T> question) {
    return ask(what, capability, Map.of(), _ -> {}, question);
  }

  /**
   * The first answer.
   *
   * @param what is wanted, for messages
   * @param ruledOut hosts that are not asked, and why
   * @param troubles told of each host that failed and why, before it or another one is asked
   * @throws ImageException naming every host and why it did not serve; its kind is that of the last
   *     host in configured order, which is closest to the registry
   */
  public <T> T ask(
      String what,
      Capability capability,
      Map<HostSession, HostFailure> ruledOut,
      Consumer<String> troubles,
      Question<T> question) {
    Map<HostSession, HostFailure> failures = new HashMap<>(ruledOut);
    List<HostSession> order = order(capability, ruledOut.keySet());
    for (HostSession host : order) {
      int patience = host == order.getLast() ? timing.attempts() : timing.attemptsBefore();
      for (int spent = 0; spent < patience; ) {
        if (spent > 0) {
          pause(Objects.requireNonNull(failures.get(host)), spent, what);
        }
        requireOpen(what);
        HostFailure failure;
        try {
          T answer = question.ask(host);
          troubled.remove(host);
          return answer;
        } catch (InterruptedIOException e) {
          throw interrupted(what);
        } catch (IOException e) {
          failure = HostFailure.of(e);
        } catch (HostFailure e) {
          failure = e;
        } catch (ImageException.FailedPrecondition e) {
          failure = HostFailure.of(e);
        }
        failures.put(host, failure);
        note(what, host, failure);
        troubles.accept(host + ": " + failure.getMessage());
        spent += failure.cost();
      }
    }
    throw summary(what, capability, failures);
  }

  /** A host that broke off an answer it had begun. */
  public void trouble(HostSession host) {
    troubled.add(host);
  }

  /** Sleeps between two attempts. */
  public void pause(int failed, String what) {
    sleep(timing.pause(failed), what);
  }

  private void pause(HostFailure failure, int failed, String what) {
    Duration wanted = failure.retryAfter();
    Duration pause = timing.pause(failed);
    if (wanted != null && wanted.compareTo(pause) > 0) {
      pause = wanted.compareTo(timing.longestPause()) < 0 ? wanted : timing.longestPause();
    }
    sleep(pause, what);
  }

  private void sleep(Duration pause, String what) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(what);
    }
  }

  private ImageException interrupted(String what) {
    return new ImageException.DeadlineExceeded("cannot " + errand + " " + what + ": interrupted");
  }

  /** The hosts as configured, the registry itself last. */
  public List<HostSession> hosts() {
    return hosts;
  }

  private List<HostSession> order(Capability capability, Set<HostSession> ruledOut) {
    List<HostSession> order = new ArrayList<>();
    for (HostSession host : hosts) {
      if (host.host().can(capability) && !ruledOut.contains(host)) {
        order.add(host);
      }
    }
    order.sort(Comparator.comparing(troubled::contains)); // stable
    return order;
  }

  private void note(String what, HostSession host, HostFailure failure) {
    LOG.info("{}: {}: {}", what, host, failure.getMessage());
    if (failure.kind() == HostFailure.Kind.UNAVAILABLE) {
      troubled.add(host);
    }
  }

  private void requireOpen(String what) {
    if (closed) {
      throw new ImageException.DeadlineExceeded("cannot " + errand + " " + what + ": given up");
    }
  }

  private ImageException summary(
      String what, Capability capability, Map<HostSession, HostFailure> failures) {
    StringBuilder message = new StringBuilder("cannot " + errand + " " + what);
    HostFailure last =
        HostFailure.lasting(
            HostFailure.Kind.REFUSED, "no configured host has the capability " + capability);
    String separator = ": ";
    for (HostSession host : hosts) {
      HostFailure failure = failures.get(host);
      if (failure != null) {
        message.append(separator).append(host).append(": ").append(failure.getMessage());
        separator = "; ";
        last = failure;
      }
    }
    return last.toImageException(
        failures.isEmpty() ? message + ": " + last.getMessage() : message.toString());
  }

  /** Ends what is under way; nothing is asked any more. */
  @Override
  public void close() {
    closed = true;
    hosts.forEach(HostSession::close);
  }
}
