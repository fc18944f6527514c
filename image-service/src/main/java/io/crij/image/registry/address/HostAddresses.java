package io.crij.image.registry.address;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of hosts, that which answers first. The JDK's HTTP client connects to the first
 * address of a name and to no other; it is given them by {@link OrderedAddresses} as they are here.
 */
public final class HostAddresses {
  /** IPv6 addresses stand in brackets in a URI. */
  private static final Pattern LITERAL = Pattern.compile("[0-9.]+|\\[.*");

  private static final AddressBook BOOK = new AddressBook(System::nanoTime);

  /** Set where the node is asked, whatever is known. */
  private static final ScopedValue<Boolean> ANEW = ScopedValue.newInstance();

  private HostAddresses() {}

  /**
   * Waits until it is known where a host is. One that has several addresses is connected to, to see
   * which of them answers.
   *
   * @param limit for DNS, and then for the connection
   * @throws UnknownHostException if the name is not known, or not within the limit
   * @throws java.net.ConnectException if no address answers
   * @throws java.net.http.HttpConnectTimeoutException the same, and one kept silent for the limit
   * @throws InterruptedIOException if this thread was interrupted, which it then still is
   */
  public static void await(String host, int port, Duration limit) throws IOException {
    if (LITERAL.matcher(host).matches() || BOOK.isFresh(host, port)) {
      return;
    }
    List<InetAddress> addresses = lookUp(host, limit);
    if (addresses.size() > 1) {
      InetAddress winner = ConnectionRace.run(addresses, port, limit);
      addresses.remove(winner);
      addresses.addFirst(winner);
    }
    BOOK.put(host, addresses, port);
  }

  /** To be called when a host could not be connected to: the next time another may answer. */
  public static void forget(String host) {
    BOOK.remove(host);
  }

  /** The addresses of a name, in order; null if it is not known which answers. */
  static @Nullable List<InetAddress> known(String host) {
    return ANEW.isBound() ? null : BOOK.find(host);
  }

  /**
   * Looks a name up on a thread of its own. The C library's lookup holds the processor's carrier of
   * a virtual thread for as long as DNS says nothing: a few of them, and nothing in this process
   * would get on.
   */
  private static List<InetAddress> lookUp(String host, Duration limit) throws IOException {
    FutureTask<InetAddress[]> lookup =
        new FutureTask<>(
            () -> ScopedValue.where(ANEW, true).call(() -> InetAddress.getAllByName(host)));
    Thread _ = Thread.ofPlatform().daemon().name("name-lookup").start(lookup);
    try {
      return new ArrayList<>(Arrays.asList(lookup.get(limit.toNanos(), TimeUnit.NANOSECONDS)));
    } catch (TimeoutException e) {
      throw new UnknownHostException(host + ": no answer in " + limit.toMillis() / 1e3 + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }
}
