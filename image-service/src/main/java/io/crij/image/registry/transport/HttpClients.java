package io.crij.image.registry.transport;

import io.crij.image.registry.tls.TlsContexts;
import io.crij.image.registry.tls.TlsSettings;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;

/**
 * Clients of HTTP. Pulls that reach hosts in the same way share one: its connections, which it
 * keeps for half a minute after their use, and its thread. A way is the whole of what a connection
 * proves or is trusted by, so a setting or a file that changed makes another client; what else is
 * meant for one host alone goes with each request.
 */
public final class HttpClients implements AutoCloseable {
  /** Of one client: a server may allow no more than 100 streams of a connection at a time. */
  private static final int MOST_USERS = 16;

  /** Kept for the next pull. */
  private static final int MOST_UNUSED = 8;

  private final ProxySelector proxies;
  private final TlsContexts contexts;

  /** Guarded by this. Who was used last comes last. */
  private final List<Shared> known = new ArrayList<>();

  public HttpClients(ProxySelector proxies, TlsContexts contexts) {
    this.proxies = proxies;
    this.contexts = contexts;
  }

  /** How hosts are reached. */
  private record Way(SSLContext context, boolean plain, Duration connectTimeout) {}

  /** A client and how many have it. */
  private static final class Shared {
    private final Way way;
    private final HttpClient client;
    private int users;

    Shared(Way way, HttpClient client) {
      this.way = way;
      this.client = client;
    }
  }

  /**
   * A client to use.
   *
   * @param plain whether hosts are reached without TLS
   * @param connectTimeout how long a connection may take
   * @throws io.crij.image.ImageException.FailedPrecondition naming the file that cannot be used
   */
  Lease lease(TlsSettings tls, boolean plain, Duration connectTimeout) {
    Way way = new Way(contexts.of(tls), plain, connectTimeout);
    synchronized (this) {
      for (Shared shared : known) {
        if (shared.way.equals(way) && shared.users < MOST_USERS) {
          return new Lease(shared);
        }
      }
      Shared shared = new Shared(way, newClient(way));
      known.add(shared);
      return new Lease(shared);
    }
  }

  private HttpClient newClient(Way way) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(way.connectTimeout)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(way.plain ? HttpClients::execute : Thread::startVirtualThread)
            .proxy(proxies)
            .sslContext(way.context);
    if (way.plain) {
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

  /** Keeps one of each way for the next who wants it, the latest ones. */
  private synchronized void giveBack(Shared shared) {
    shared.users--;
    if (shared.users > 0) {
      return;
    }
    boolean wanted = known.remove(shared);
    if (wanted && known.stream().noneMatch(other -> other.way.equals(shared.way))) {
      known.add(shared);
    } else {
      shared.client.shutdown();
    }
    List<Shared> unused = known.stream().filter(other -> other.users == 0).toList();
    if (unused.size() > MOST_UNUSED) {
      known.remove(unused.getFirst());
      unused.getFirst().client.shutdown();
    }
  }

  private synchronized void forget(Shared shared) {
    known.remove(shared);
  }

  /** Ends all that is under way. */
  @Override
  public synchronized void close() {
    known.forEach(shared -> shared.client.shutdownNow());
    known.clear();
  }

  /** A client, for who closes this in the end. */
  final class Lease implements AutoCloseable {
    private final Shared shared;
    private boolean held = true;

    private Lease(Shared shared) {
      this.shared = shared;
      shared.users++;
    }

    HttpClient client() {
      return shared.client;
    }

    /**
     * To be called when a host kept silent: of HTTP/2 all would go on to use the connection, which
     * may be dead. Nobody is given this client any more.
     */
    void distrust() {
      forget(shared);
    }

    /** Gives it back; once is enough. What is under way goes on. */
    @Override
    public void close() {
      synchronized (HttpClients.this) {
        if (held) {
          held = false;
          giveBack(shared);
        }
      }
    }
  }
}
