package io.crij.image.registry.transport;

import io.crij.image.registry.hosts.RegistryHost;
import io.crij.image.registry.hosts.TlsSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to one host, and to where it redirects. The configured headers, the client certificate
 * and the authorization are for that host only: another sees none of them, nor does this host again
 * once a redirect has left it.
 */
public final class HostTransport implements AutoCloseable {
  private static final int MOST_REDIRECTS = 10;
  private static final String USER_AGENT = "CRI-J";

  private final RegistryHost host;
  private final Timing timing;
  private @Nullable HttpClient own;
  private @Nullable HttpClient others;
  private boolean closed;

  public HostTransport(RegistryHost host, Timing timing) {
    this.host = host;
    this.timing = timing;
  }

  public RegistryHost host() {
    return host;
  }

  /**
   * Sends a request and follows its redirects; those of a POST are not followed.
   *
   * @throws RefusedException if an answer is not acceptable
   * @throws StalledException if a host says nothing in time
   * @throws InterruptedIOException if this thread was interrupted, which it then still is
   */
  public Reply send(Request request) throws IOException {
    boolean ours = Redirect.sameOrigin(request.uri(), host.base());
    URI uri = request.uri();
    boolean redirected = false;
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      Reply reply = exchange(request, uri, ours && !redirected, redirected);
      if (!Redirect.is(reply) || request.form() != null) {
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
    if (request.form() != null) {
      http.header("Content-Type", "application/x-www-form-urlencoded");
      http.POST(BodyPublishers.ofString(request.form()));
    }
    BodyHandler<InputStream> handler =
        _ -> new ProgressBody(timing.stall(), request.bulk() ? Timing.STEP_BYTES : Long.MAX_VALUE);
    HttpResponse<InputStream> response = await(client(ours).sendAsync(http.build(), handler));
    return new Reply(response.statusCode(), response.headers(), response.body(), uri, redirected);
  }

  private <T> T await(CompletableFuture<T> future) throws IOException {
    try {
      return future.get(timing.headers().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      future.cancel(true);
      throw new StalledException("no answer in " + StalledException.seconds(timing.headers()));
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
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .proxy(HttpClient.Builder.NO_PROXY)
            .sslContext(TlsContexts.of(tls));
    if (host.isPlain()) {
      builder.version(HttpClient.Version.HTTP_1_1); // no offer of h2c, which old proxies mistake
    }
    return builder.build();
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
