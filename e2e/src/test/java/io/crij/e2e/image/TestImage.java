package io.crij.e2e.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * An image of one manifest.
 *
 * @param repository as in {@code e2e-test-images/busybox}, without a host
 */
public record TestImage(
    String repository, String tag, Blob manifest, Blob configuration, List<Blob> layers) {
  // Sorted, so that equal content has equal bytes.
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();
  private static final String CREATED = "2026-01-01T00:00:00Z";
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  /**
   * Puts an image together.
   *
   * @param config the {@code config} object of the OCI image configuration
   */
  static TestImage of(String name, List<Layer> layers, Map<String, Object> config) {
    Map<String, Object> image =
        new TreeMap<>(config.isEmpty() ? Map.of() : Map.of("config", config));
    image.put("architecture", architecture());
    image.put("os", "linux");
    image.put("created", CREATED);
    image.put(
        "rootfs",
        Map.of("type", "layers", "diff_ids", layers.stream().map(Layer::diffId).toList()));
    Blob configuration =
        new Blob("application/vnd.oci.image.config.v1+json", JSON.writeValueAsBytes(image));
    List<Blob> blobs = layers.stream().map(Layer::blob).toList();
    Map<String, Object> manifest =
        Map.of(
            "schemaVersion",
            2,
            "mediaType",
            MANIFEST,
            "config",
            configuration.descriptor(),
            "layers",
            blobs.stream().map(Blob::descriptor).toList());
    int colon = name.indexOf(':');
    return new TestImage(
        name.substring(0, colon),
        name.substring(colon + 1),
        new Blob(MANIFEST, JSON.writeValueAsBytes(manifest)),
        configuration,
        blobs);
  }

  /** An artifact of one file. */
  public static TestImage artifact(String name, String title, String content) {
    Blob file = new Blob("text/plain", content.getBytes(StandardCharsets.UTF_8));
    Map<String, Object> layer = new TreeMap<>(file.descriptor());
    layer.put("annotations", Map.of("org.opencontainers.image.title", title));
    Blob configuration =
        new Blob("application/vnd.oci.empty.v1+json", "{}".getBytes(StandardCharsets.UTF_8));
    Map<String, Object> manifest =
        Map.of(
            "schemaVersion",
            2,
            "mediaType",
            MANIFEST,
            "artifactType",
            "application/vnd.example.data",
            "config",
            configuration.descriptor(),
            "layers",
            List.of(layer));
    int colon = name.indexOf(':');
    return new TestImage(
        name.substring(0, colon),
        name.substring(colon + 1),
        new Blob(MANIFEST, JSON.writeValueAsBytes(manifest)),
        configuration,
        List.of(file));
  }

  /** Writes an OCI image layout that holds this image under the given name. */
  public void writeLayout(Path folder, String reference) throws IOException {
    Path blobs = Files.createDirectories(folder.resolve("blobs/sha256"));
    List<Blob> all = new ArrayList<>(layers);
    all.add(configuration);
    all.add(manifest);
    for (Blob blob : all) {
      Path file = blobs.resolve(blob.digest().substring("sha256:".length()));
      Files.copy(blob.open(), file, StandardCopyOption.REPLACE_EXISTING);
    }
    Map<String, Object> entry = new TreeMap<>(manifest.descriptor());
    entry.put("annotations", Map.of("org.opencontainers.image.ref.name", reference));
    Files.write(
        folder.resolve("index.json"),
        JSON.writeValueAsBytes(Map.of("schemaVersion", 2, "manifests", List.of(entry))));
    Files.writeString(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
  }

  private static String architecture() {
    return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
  }
}
