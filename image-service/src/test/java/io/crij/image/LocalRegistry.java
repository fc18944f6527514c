package io.crij.image;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A registry on the loopback network that serves what a test gives it, and counts. */
final class LocalRegistry implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, HttpHandler> handlers = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  LocalRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      requests.add(path);
      HttpHandler handler = handlers.get(path);
      if (handler == null) {
        exchange.sendResponseHeaders(404, -1);
      } else {
        handler.handle(exchange);
      }
    }
  }

  String authority() {
    return server.getAddress().getAddress().getHostAddress() + ":" + server.getAddress().getPort();
  }

  /** Tells nodes with this folder of hosts that this registry speaks plain http. */
  void configure(Path hosts) throws IOException {
    Path folder = Files.createDirectories(hosts.resolve(authority()));
    Files.writeString(folder.resolve("hosts.toml"), "server = \"http://" + authority() + "\"\n");
  }

  /** The full name of an image here. */
  String name(String repository, String tagOrDigest) {
    return authority() + "/" + repository + tagOrDigest;
  }

  void add(String repository, String tag, TestImage image) {
    image.blobs().forEach((digest, bytes) -> blob(repository, digest, bytes));
    manifest(repository, tag, MediaType.OCI_MANIFEST, image.manifest());
  }

  void blob(String repository, Digest digest, byte[] bytes) {
    on(blobPath(repository, digest), serve("application/octet-stream", bytes));
  }

  void manifest(String repository, String tag, String mediaType, byte[] bytes) {
    for (String name : List.of(tag, Digest.sha256(bytes).toString())) {
      on("/v2/" + repository + "/manifests/" + name, serve(mediaType, bytes));
    }
  }

  void on(String path, HttpHandler handler) {
    handlers.put(path, handler);
  }

  static String blobPath(String repository, Digest digest) {
    return "/v2/" + repository + "/blobs/" + digest;
  }

  long requests(String path) {
    return requests.stream().filter(path::equals).count();
  }

  static HttpHandler serve(String mediaType, byte[] bytes) {
    return exchange -> {
      exchange.getResponseHeaders().set("Content-Type", mediaType);
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
