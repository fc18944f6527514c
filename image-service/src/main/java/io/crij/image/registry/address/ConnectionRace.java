package io.crij.image.registry.address;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connects to all addresses of a host, one a moment after the other, until the first answers (RFC
 * 8305, section 5). The connections are closed again.
 */
final class ConnectionRace implements AutoCloseable {
  /** Connection Attempt Delay, as RFC 8305 recommends it. */
  private static final Duration HEAD_START = Duration.ofMillis(250);

  private final Deque<InetAddress> waiting;
  private final int port;
  private final long endNanos;
  private final List<Socket> sockets = new ArrayList<>();
  private final BlockingQueue<Attempt> ended = new LinkedBlockingQueue<>();
  private final List<String> failures = new ArrayList<>();

  /** An attempt that has ended; one that led nowhere with the reason. */
  private record Attempt(InetAddress address, @Nullable IOException failure) {}

  private ConnectionRace(List<InetAddress> addresses, int port, Duration limit) {
    this.waiting = alternating(addresses);
    this.port = port;
    this.endNanos = System.nanoTime() + limit.toNanos();
  }

  /**
   * The address that answers first.
   *
   * @param addresses at least one, the preferred ones first
   * @throws ConnectException if all refuse
   * @throws HttpConnectTimeoutException if none accepts within the limit
   * @throws InterruptedIOException if this thread was interrupted, which it then still is
   */
  static InetAddress run(List<InetAddress> addresses, int port, Duration limit) throws IOException {
    try (ConnectionRace race = new ConnectionRace(addresses, port, limit)) {
      return race.winner();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private InetAddress winner() throws IOException, InterruptedException {
    while (!waiting.isEmpty() || failures.size() < sockets.size()) {
      if (!waiting.isEmpty()) {
        begin(waiting.remove());
      }
      Attempt attempt = next();
      if (attempt == null) {
        continue;
      }
      IOException failure = attempt.failure();
      if (failure == null) {
        return attempt.address();
      }
      failures.add(attempt.address().getHostAddress() + ": " + failure.getMessage());
    }
    throw new ConnectException(String.join(", ", failures));
  }

  /** The next attempt that ends; null when it is time for one more. */
  private @Nullable Attempt next() throws IOException, InterruptedException {
    long left = endNanos - System.nanoTime();
    if (left <= 0) {
      throw new HttpConnectTimeoutException("connection timed out");
    }
    long patience = waiting.isEmpty() ? left : Math.min(left, HEAD_START.toNanos());
    return ended.poll(patience, TimeUnit.NANOSECONDS);
  }

  private void begin(InetAddress address) {
    Socket socket = new Socket();
    sockets.add(socket);
    Thread _ = Thread.startVirtualThread(() -> ended.add(attempt(socket, address)));
  }

  private Attempt attempt(Socket socket, InetAddress address) {
    try {
      socket.connect(new InetSocketAddress(address, port));
      return new Attempt(address, null);
    } catch (IOException e) {
      return new Attempt(address, e);
    }
  }

  /** The families in turns, beginning with that of the first (RFC 8305, section 4). */
  private static Deque<InetAddress> alternating(List<InetAddress> addresses) {
    boolean first = addresses.getFirst() instanceof Inet6Address;
    Deque<InetAddress> preferred = new ArrayDeque<>();
    Deque<InetAddress> others = new ArrayDeque<>();
    for (InetAddress address : addresses) {
      (address instanceof Inet6Address == first ? preferred : others).add(address);
    }
    Deque<InetAddress> order = new ArrayDeque<>();
    while (!preferred.isEmpty() || !others.isEmpty()) {
      if (!preferred.isEmpty()) {
        order.add(preferred.remove());
      }
      if (!others.isEmpty()) {
        order.add(others.remove());
      }
    }
    return order;
  }

  /** Breaks off what still waits. */
  @Override
  public void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
