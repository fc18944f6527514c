package io.crij.image.registry.transport;

import io.crij.image.registry.address.HostAddresses;
import io.crij.image.registry.hosts.RegistryHost;
import io.crij.image.registry.tls.TlsSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
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
  private @Nullable HttpClient own;
  private @Nullable HttpClient others;
  private boolean closed;

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
    BodyHandler<InputStream> handler =
        _ ->
            new ProgressBody(
                network.timing().stall(), request.bulk() ? Timing.STEP_BYTES : Long.MAX_VALUE);
    HttpResponse<InputStream> response;
    try {
      response =
          await(
              client(ours).sendAsync(http.build(), handler), body == null ? NOTHING : body.taken());
    } catch (ConnectException | HttpConnectTimeoutException e) {
      HostAddresses.forget(hop.getHostString());
      throw e;
    }
    // None comes with the refusal of a proxy to tunnel.
    InputStream answered =
        Objects.requireNonNullElseGet(response.body(), InputStream::nullInputStream);
    return new Reply(response.statusCode(), response.headers(), answered, uri, redirected);
  }

  /**
   * Waits for an answer as long as what is sent makes progress.
   *
   * @param taken how much of the request the network has taken
   */
  private <T> T await(CompletableFuture<T> future, AtomicLong taken) throws IOException {
    try {
      long before = taken.get();
      while (true) {
        try {
          return future.get(network.timing().headers().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          long now = taken.get();
          if (now - before < Timing.STEP_BYTES) {
            future.cancel(true);
            throw new StalledException(
                "no answer in " + StalledException.seconds(network.timing().headers()));
          }
          before = now;
        }
      }
    } catch (InterruptedException e) {
      future.cancel(true);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }

  private synchronized HttpClient client(boolean ours) throws IOException {
    if (closed) {
      throw new IOException("closed");
    }
    if (ours) {
      own = own == null ? newClient(host.tls()) : own;
      return own;
    }
    others = others == null ? newClient(host.tls().withoutClients()) : others;
    return others;
  }

  private HttpClient newClient(TlsSettings tls) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(host.connectTimeout())
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(host.isPlain() ? HostTransport::execute : Thread::startVirtualThread)
            .proxy(network.proxies())
            .sslContext(network.tls().of(tls));
    if (host.isPlain()) {
      builder.version(HttpClient.Version.HTTP_1_1); // no offer of h2c, which old proxies mistake
    }
    return builder.build();
  }

  /**
   * Runs what the client's selector thread hands over in that thread: nothing there waits, and a
   * thread for each 32 KiB that come would cost a tenth of a pull. What others hand over, the begin
   * of a request, may wait for names to be resolved. Not over TLS: one thread would decrypt all
   * that a host sends, and more would wait for it in memory.
   */
  private static void execute(Runnable task) {
    if (Thread.currentThread().getName().startsWith("HttpClient-")) {
      task.run();
    } else {
      Thread.startVirtualThread(task);
    }
  }

  /** Breaks off what is under way. */
  @Override
  public synchronized void close() {
    closed = true;
    if (own != null) {
      own.shutdownNow();
    }
    if (others != null) {
      others.shutdownNow();
    }
  }
}
