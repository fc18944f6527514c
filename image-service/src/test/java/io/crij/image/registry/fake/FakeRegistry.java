package io.crij.image.registry.fake;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsServer;
import io.crij.image.manifest.Descriptor;
import io.crij.image.name.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * A registry that does what a test wants, byte for byte, and remembers what it was asked. It
 * listens on an address of the loopback network, so that several are several hosts.
 */
public final class FakeRegistry implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final String scheme;
  private final Map<String, HttpHandler> handlers = new ConcurrentHashMap<>();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final AtomicInteger clientCertificates = new AtomicInteger();
  private volatile @Nullable Guard guard;

  /**
   * A request as it came.
   *
   * @param clientPort of the connection by which it came
   */
  public record Seen(
      String method,
      String path,
      @Nullable String query,
      Headers headers,
      String body,
      int clientPort) {}

  /** Looks at each request first; answers those that it does not let pass. */
  @FunctionalInterface
  public interface Guard {
    boolean letsPass(HttpExchange exchange) throws IOException;
  }

  private FakeRegistry(String address, int port, @Nullable HttpsConfigurator tls) {
    InetSocketAddress socket;
    try {
      socket = new InetSocketAddress(InetAddress.getByName(address), port);
      if (tls == null) {
        server = HttpServer.create(socket, 0);
      } else {
        HttpsServer https = HttpsServer.create(socket, 0);
        https.setHttpsConfigurator(tls);
        server = https;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    scheme = tls == null ? "http" : "https";
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  public static FakeRegistry plain() {
    return new FakeRegistry("127.0.0.1", 0, null);
  }

  /** At another address: 127.0.0.2, 127.0.0.3, … */
  public static FakeRegistry plainAt(String address) {
    return plainAt(address, 0);
  }

  /**
   * At another address.
   *
   * @param port 0: one that is free
   */
  public static FakeRegistry plainAt(String address, int port) {
    return new FakeRegistry(address, port, null);
  }

  public static FakeRegistry secure(String address, SSLContext tls) {
    return new FakeRegistry(address, 0, new HttpsConfigurator(tls));
  }

  public static FakeRegistry secure(String address, HttpsConfigurator tls) {
    return new FakeRegistry(address, 0, tls);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body =
          new String(exchange.getRequestBody().readNBytes(1 << 20), StandardCharsets.UTF_8);
      String path = exchange.getRequestURI().getPath();
      seen.add(
          new Seen(
              exchange.getRequestMethod(),
              path,
              exchange.getRequestURI().getRawQuery(),
              exchange.getRequestHeaders(),
              body,
              exchange.getRemoteAddress().getPort()));
      if (exchange instanceof HttpsExchange secure && showsCertificate(secure)) {
        clientCertificates.incrementAndGet();
      }
      Guard first = guard;
      if (first == null || first.letsPass(exchange)) {
        handlers.getOrDefault(path, FakeRegistry::notFound).handle(exchange);
      }
    }
  }

  private static boolean showsCertificate(HttpsExchange exchange) {
    try {
      return exchange.getSSLSession().getPeerCertificates().length > 0;
    } catch (SSLPeerUnverifiedException e) {
      return false;
    }
  }

  private static void notFound(HttpExchange exchange) throws IOException {
    error(exchange, 404, "MANIFEST_UNKNOWN");
  }

  public static void error(HttpExchange exchange, int status, String code) throws IOException {
    byte[] body =
        "{\"errors\":[{\"code\":\"%s\",\"message\":\"secret-in-message\"}]}"
            .formatted(code)
            .getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  public void on(String path, HttpHandler handler) {
    handlers.put(path, handler);
  }

  public void guard(Guard replacement) {
    guard = replacement;
  }

  public String url() {
    return scheme + "://" + authority();
  }

  public String authority() {
    return server.getAddress().getAddress().getHostAddress() + ":" + server.getAddress().getPort();
  }

  /** How many requests came with a certificate of the client's. */
  public int clientCertificates() {
    return clientCertificates.get();
  }

  public List<Seen> seen() {
    return List.copyOf(seen);
  }

  public List<Seen> seen(String path) {
    return seen.stream().filter(request -> request.path.equals(path)).toList();
  }

  /** Serves a manifest by its digest and, if given, by a tag. */
  public Descriptor manifest(
      String repository, @Nullable String tag, String mediaType, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Descriptor descriptor = new Descriptor(mediaType, Digest.sha256(bytes), bytes.length);
    HttpHandler handler = bytes(mediaType, bytes);
    on("/v2/" + repository + "/manifests/" + descriptor.digest(), handler);
    if (tag != null) {
      on("/v2/" + repository + "/manifests/" + tag, handler);
    }
    return descriptor;
  }

  /** Serves a blob, also from the middle on. */
  public Descriptor blob(String repository, byte[] bytes) {
    Descriptor descriptor =
        new Descriptor("application/octet-stream", Digest.sha256(bytes), bytes.length);
    on(blobPath(repository, descriptor), ranges(bytes));
    return descriptor;
  }

  public static String blobPath(String repository, Descriptor descriptor) {
    return "/v2/" + repository + "/blobs/" + descriptor.digest();
  }

  public static HttpHandler bytes(String mediaType, byte[] bytes) {
    return exchange -> {
      exchange.getResponseHeaders().set("Content-Type", mediaType);
      exchange.getResponseHeaders().set("Docker-Content-Digest", Digest.sha256(bytes).toString());
      exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  public static HttpHandler ranges(byte[] bytes) {
    return exchange -> {
      int from = rangeStart(exchange);
      int to = rangeEnd(exchange, bytes.length);
      partHead(exchange, from, to, bytes.length);
      exchange.getResponseBody().write(bytes, from, to - from);
    };
  }

  /** Says it sends all from the wanted byte on, sends so many bytes, and hangs up. */
  public static HttpHandler cutAfter(int count, byte[] bytes) {
    return exchange -> {
      int from = rangeStart(exchange);
      partHead(exchange, from, bytes.length);
      exchange.getResponseBody().write(bytes, from, Math.min(count, bytes.length - from));
      exchange.getResponseBody().flush();
    };
  }

  public static int rangeStart(HttpExchange exchange) {
    String range = exchange.getRequestHeaders().getFirst("Range");
    return range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=([0-9]+)-[0-9]*", "$1"));
  }

  private static int rangeEnd(HttpExchange exchange, int size) {
    String range = exchange.getRequestHeaders().getFirst("Range");
    String last = range == null ? "" : range.replaceAll("bytes=[0-9]+-", "");
    return last.isEmpty() ? size : Integer.parseInt(last) + 1;
  }

  public static void partHead(HttpExchange exchange, int from, int size) throws IOException {
    partHead(exchange, from, size, size);
  }

  private static void partHead(HttpExchange exchange, int from, int to, int size)
      throws IOException {
    boolean part = from > 0 || to < size;
    if (part) {
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, to - 1, size));
    }
    exchange.sendResponseHeaders(part ? 206 : 200, to == from ? -1 : to - from);
  }

  public static HttpHandler redirect(int status, String location) {
    return exchange -> {
      exchange.getResponseHeaders().set("Location", location);
      exchange.sendResponseHeaders(status, -1);
    };
  }

  public static HttpHandler status(int status, String code) {
    return exchange -> error(exchange, status, code);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
