import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * Serves one image on loopback, under any name: what crijd pulls while its AOT cache is made. Writes its port to a file.
 *
 * <p>usage: Registry.java PORT-FILE MACHINE ENTRYPOINT LAYER.tar.gz…
 */
final class Registry {
  private static final String OCI = "application/vnd.oci.image.";

  private final Map<String, byte[]> blobs = new HashMap<>();

  private Registry() {}

  public static void main(String[] arguments) throws Exception {
    Registry registry = new Registry();
    List<String> descriptors = new ArrayList<>();
    List<String> diffIds = new ArrayList<>();
    for (String file : List.of(arguments).subList(3, arguments.length)) {
      byte[] layer = Files.readAllBytes(Path.of(file));
      descriptors.add(registry.add("layer.v1.tar+gzip", layer));
      diffIds.add('"' + digest(new GZIPInputStream(new ByteArrayInputStream(layer)).readAllBytes()) + '"');
    }
    String architecture = arguments[1].equals("aarch64") ? "arm64" : "amd64";
    String config =
        registry.add(
            "config.v1+json",
            """
            {"architecture": "%s", "os": "linux", "config": {"Entrypoint": ["%s", "1000"]},
             "rootfs": {"type": "layers", "diff_ids": %s}}"""
                .formatted(architecture, arguments[2], diffIds)
                .getBytes(StandardCharsets.UTF_8));
    byte[] manifest =
        """
        {"schemaVersion": 2, "mediaType": "%smanifest.v1+json", "config": %s, "layers": %s}"""
            .formatted(OCI, config, descriptors)
            .getBytes(StandardCharsets.UTF_8);
    registry.serve(manifest, Path.of(arguments[0]));
  }

  /** The blob's descriptor. */
  private String add(String type, byte[] blob) throws Exception {
    String digest = digest(blob);
    blobs.put(digest, blob);
    return "{\"mediaType\": \"%s%s\", \"digest\": \"%s\", \"size\": %d}".formatted(OCI, type, digest, blob.length);
  }

  private static String digest(byte[] bytes) throws Exception {
    return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private void serve(byte[] manifest, Path portFile) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v2/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          boolean document = path.contains("/manifests/");
          byte[] body = document ? manifest : blobs.get(path.substring(path.lastIndexOf('/') + 1));
          exchange.getResponseHeaders().set("Content-Type", document ? OCI + "manifest.v1+json" : "application/octet-stream");
          exchange.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
          if (body != null) {
            exchange.getResponseBody().write(body);
          }
          exchange.close();
        });
    server.start();
    Path written = Path.of(portFile + ".new");
    Files.writeString(written, String.valueOf(server.getAddress().getPort()));
    Files.move(written, portFile);
  }
}
