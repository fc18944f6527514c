package io.crij.image.registry.transport;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Looks the names of hosts up on threads of their own. The C library's lookup holds the processor's
 * carrier of a virtual thread for as long as DNS says nothing: a few of them, and nothing in this
 * process would get on.
 */
final class NameLookup {
  /** IPv6 addresses stand in brackets in a URI. */
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[.*");

  private NameLookup() {}

  /**
   * Waits until the name is known to the JDK, which keeps it for the client that asks next.
   *
   * @throws UnknownHostException if it is not known, or not within the limit
   * @throws InterruptedIOException if this thread was interrupted, which it then still is
   */
  static void await(String name, Duration limit) throws IOException {
    if (ADDRESS.matcher(name).matches()) {
      return;
    }
    FutureTask<InetAddress[]> lookup = new FutureTask<>(() -> InetAddress.getAllByName(name));
    Thread _ = Thread.ofPlatform().daemon().name("name-lookup").start(lookup);
    try {
      var _ = lookup.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new UnknownHostException(name + ": no answer in " + StalledException.seconds(limit));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }
}
