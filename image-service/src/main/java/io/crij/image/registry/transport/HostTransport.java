package io.crij.image.registry.transport;

import io.crij.image.registry.address.HostAddresses;
import io.crij.image.registry.hosts.RegistryHost;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Requests to one host, and to where it redirects. The configured headers, the client certificate
 * and the authorization are for that host only: another sees none of them, nor does this host again
 * once a redirect has left it.
 */
public final class HostTransport implements AutoCloseable {
  private static final int MOST_REDIRECTS = 10;
  private static final String USER_AGENT = "CRI-J";
  private static final AtomicLong NOTHING = new AtomicLong();

  private final RegistryHost host;
  private final Network network;
  private final Set<Exchange> underWay = ConcurrentHashMap.newKeySet();
  private HttpClients.@Nullable Lease own;
  private HttpClients.@Nullable Lease others;
  private boolean closed;

  /**
   * A request and its answer, as long as that is not read to its end or closed.
   *
   * @param lease of the client that they go by
   */
  private record Exchange(
      HttpClients.Lease lease,
      ProgressBody body,
      CompletableFuture<HttpResponse<InputStream>> answer) {
    void breakOff() {
      answer.cancel(true);
      body.close();
    }
  }

  private HostTransport(RegistryHost host, Network network) {
    this.host = host;
    this.network = network;
  }

  /**
   * A transport to a host. One that may not speak TLS is asked first, without any credentials.
   *
   * @throws IOException if such a host cannot be reached, neither with TLS nor without
   */
  public static HostTransport to(RegistryHost host, Network network) throws IOException {
    HostTransport transport = new HostTransport(host, network);
    if (!host.plainFallback()) {
      return transport;
    }
    try {
      transport.probe();
      return transport;
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      transport.close();
      HostTransport plain = new HostTransport(host.withoutTls(), network);
      try {
        plain.probe();
        return plain;
      } catch (IOException second) {
        plain.close();
        throw e;
      }
    }
  }

  /** Whether this URL is at the host rather than elsewhere. */
  public boolean isOurs(URI uri) {
    return Redirect.sameOrigin(uri, host.base());
  }

  private void probe() throws IOException {
    send(Request.get(URI.create(host.base() + "/"))).close();
  }

  public RegistryHost host() {
    return host;
  }

  /**
   * Sends a request and follows its redirects, unless it would change something there.
   *
   * @throws RefusedException if an answer is not acceptable
   * @throws StalledException if a host says nothing in time
   * @throws InterruptedIOException if this thread was interrupted, which it then still is
   */
  public Reply send(Request request) throws IOException {
    boolean ours = isOurs(request.uri());
    URI uri = request.uri();
    boolean redirected = false;
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      Reply reply = exchange(request, uri, ours && !redirected, redirected);
      if (!Redirect.is(reply) || !request.isSafe()) {
        return reply;
      }
      URI target;
      try {
        target = Redirect.target(reply);
      } finally {
        reply.close();
      }
      redirected = redirected || !Redirect.sameOrigin(uri, target);
      uri = target;
    }
    throw new RefusedException("more than " + MOST_REDIRECTS + " redirects");
  }

  private Reply exchange(Request request, URI uri, boolean ours, boolean redirected)
      throws IOException {
    HttpRequest.Builder http = HttpRequest.newBuilder(uri).header("User-Agent", USER_AGENT);
    request.headers().forEach(http::header);
    if (ours) {
      host.headers().forEach((name, values) -> values.forEach(value -> http.header(name, value)));
    }
    if (request.authorization() != null && !redirected) {
      http.setHeader("Authorization", request.authorization());
    }
    String proxyAuthorization = network.proxies().authorization(uri);
    if (proxyAuthorization != null) {
      http.setHeader("Proxy-Authorization", proxyAuthorization);
    }
    InetSocketAddress hop = network.proxies().firstHop(uri);
    HostAddresses.await(hop.getHostString(), hop.getPort(), host.connectTimeout());
    Body body = request.body();
    if (body != null) {
      http.header("Content-Type", body.mediaType());
    }
    http.method(request.method(), body == null ? BodyPublishers.noBody() : body.bytes());
    Exchange exchange = begin(http.build(), ours, request.bulk());
    HttpResponse<InputStream> response;
    try {
      response = await(exchange, body == null ? NOTHING : body.taken());
    } catch (ConnectException | HttpConnectTimeoutException e) {
      HostAddresses.forget(hop.getHostString());
      throw e;
    }
    InputStream answered = response.body();
    if (answered == null) { // so comes the refusal of a proxy to tunnel
      exchange.body.close();
      answered = InputStream.nullInputStream();
    }
    return new Reply(response.statusCode(), response.headers(), answered, uri, redirected);
  }

  private synchronized Exchange begin(HttpRequest request, boolean ours, boolean bulk)
      throws IOException {
    if (closed) {
      throw new IOException("closed");
    }
    HttpClients.Lease lease = lease(ours);
    long step = bulk ? Timing.STEP_BYTES : Long.MAX_VALUE;
    ProgressBody body = new ProgressBody(network.timing().stall(), step);
    Exchange exchange = new Exchange(lease, body, lease.client().sendAsync(request, _ -> body));
    underWay.add(exchange);
    body.atEnd(stalled -> {
      underWay.remove(exchange);
      if (stalled) {
        replace(lease);
      }
    });
    return exchange;
  }

  private HttpClients.Lease lease(boolean ours) {
    HttpClients.Lease given = ours ? own : others;
    if (given == null) {
      given =
          network
              .clients()
              .lease(
                  ours ? host.tls() : host.tls().withoutClients(),
                  host.isPlain(),
                  host.connectTimeout());
      own = ours ? given : own;
      others = ours ? others : given;
    }
    return given;
  }

  /** The next request goes by another client, so by a new connection. */
  private synchronized void replace(HttpClients.Lease silent) {
    silent.distrust();
    silent.close();
    own = own == silent ? null : own;
    others = others == silent ? null : others;
  }

  /**
   * Waits for an answer as long as what is sent makes progress.
   *
   * @param taken how much of the request the network has taken
   */
  private HttpResponse<InputStream> await(Exchange exchange, AtomicLong taken) throws IOException {
    boolean answered = false;
    try {
      long before = taken.get();
      while (true) {
        try {
          long patience = network.timing().headers().toNanos();
          HttpResponse<InputStream> answer = exchange.answer.get(patience, TimeUnit.NANOSECONDS);
          answered = true;
          return answer;
        } catch (TimeoutException e) {
          long now = taken.get();
          if (now - before < Timing.STEP_BYTES) {
            replace(exchange.lease);
            throw new StalledException(
                "no answer in " + StalledException.seconds(network.timing().headers()));
          }
          before = now;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } finally {
      if (!answered) {
        exchange.breakOff();
      }
    }
  }

  /** Breaks off what is under way. */
  @Override
  public synchronized void close() {
    closed = true;
    underWay.forEach(Exchange::breakOff);
    if (own != null) {
      own.close();
    }
    if (others != null) {
      others.close();
    }
  }
}
