package io.crij.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** A registry on loopback, without TLS, that has one image, whose one layer is empty. */
final class OneImageRegistry implements AutoCloseable {
  private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

  private final Map<String, byte[]> served = new HashMap<>();
  private final HttpServer server;

  OneImageRegistry() throws IOException {
    // The end of an archive (tar(5)).
    byte[] layer = new byte[1024];
    byte[] config =
        """
        {"architecture": "amd64", "os": "linux", "config": {},
         "rootfs": {"type": "layers", "diff_ids": ["%s"]}}
        """
            .formatted(digest(layer))
            .getBytes(StandardCharsets.UTF_8);
    byte[] manifest =
        """
        {"schemaVersion": 2, "mediaType": "%s",
         "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "%s", "size": %d},
         "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": "%s", "size": %d}]}
        """
            .formatted(MANIFEST_TYPE, digest(config), config.length, digest(layer), layer.length)
            .getBytes(StandardCharsets.UTF_8);
    served.put("/v2/empty/manifests/1", manifest);
    served.put("/v2/empty/manifests/" + digest(manifest), manifest);
    served.put("/v2/empty/blobs/" + digest(config), config);
    served.put("/v2/empty/blobs/" + digest(layer), layer);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = served.get(exchange.getRequestURI().getPath());
      if (body == null) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      exchange.getResponseHeaders().add("Content-Type", MANIFEST_TYPE);
      boolean isHead = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(200, isHead ? -1 : body.length);
      if (!isHead) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  /** The image's name. */
  String image() {
    return host() + "/empty:1";
  }

  private String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** Writes a folder for {@code registry_hosts_dir} by which it is reached. */
  Path hostsFolder(Path folder) throws IOException {
    Path own = Files.createDirectories(folder.resolve(host()));
    Files.writeString(own.resolve("hosts.toml"), "server = \"http://%s\"\n".formatted(host()));
    return folder;
  }

  private static String digest(byte[] content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return "sha256:" + HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
