package io.crij.image.registry.address;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Where hosts were found to answer. */
final class AddressBook {
  /** As long as the JDK keeps what DNS said. */
  static final Duration FRESH = Duration.ofSeconds(30);

  /** Who saw that it was fresh has so much time until the connection is begun. */
  static final Duration KEPT = FRESH.multipliedBy(4);

  private final Map<String, Known> known = new ConcurrentHashMap<>();
  private final LongSupplier nanoTime;

  AddressBook(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * What is known of a name.
   *
   * @param addresses the first is the one to use
   * @param port where it answered
   */
  private record Known(List<InetAddress> addresses, int port, long sinceNanos) {
    boolean isFor(int wanted) {
      return addresses.size() == 1 || port == wanted;
    }
  }

  private boolean isYounger(Known one, Duration than) {
    return nanoTime.getAsLong() - one.sinceNanos() < than.toNanos();
  }

  /** Whether nobody need ask again. */
  boolean isFresh(String host, int port) {
    Known one = known.get(host);
    return one != null && isYounger(one, FRESH) && one.isFor(port);
  }

  /** The addresses of a name, in order; null if it is not known which answers. */
  @Nullable List<InetAddress> find(String host) {
    Known one = known.get(host);
    return one != null && isYounger(one, KEPT) ? one.addresses() : null;
  }

  /** Replaces what was known of the name, and forgets what is too old of others. */
  void put(String host, List<InetAddress> addresses, int port) {
    known.values().removeIf(one -> !isYounger(one, KEPT));
    known.put(host, new Known(List.copyOf(addresses), port, nanoTime.getAsLong()));
  }

  void remove(String host) {
    known.remove(host);
  }
}
