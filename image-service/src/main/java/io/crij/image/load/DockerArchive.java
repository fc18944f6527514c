package io.crij.image.load;

import io.crij.image.ImageException;
import io.crij.image.manifest.JsonObject;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import io.crij.image.name.Quoted;
import io.crij.linux.tree.BytePath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes an OCI image layout of what {@code docker save} writes, where {@code manifest.json} names
 * the configuration, the layers and the tags of each image. Docker knows no manifest there, so one
 * is made.
 */
final class DockerArchive {
  private static final String MANIFEST = "manifest.json";
  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final int MOST_MANIFEST_BYTES = 4 << 20;
  private static final JsonMapper JSON = new JsonMapper();

  private final Map<String, Path> files;
  private final Path folder;

  private DockerArchive(Map<String, Path> files, Path folder) {
    this.files = files;
    this.folder = folder;
  }

  /**
   * Makes the layout.
   *
   * @param files of the archive, which are moved
   * @param folder where the layout will be, on the same file system
   * @throws ImageException.InvalidArgument when it is no archive of Docker's
   */
  static void makeLayout(Map<String, Path> files, Path folder) throws IOException {
    Path manifest = files.get(MANIFEST);
    if (manifest == null) {
      throw new ImageException.InvalidArgument(
          "neither an OCI image layout nor an archive of Docker's: no index.json, no " + MANIFEST);
    }
    new DockerArchive(files, folder).make(images(manifest));
  }

  private static List<JsonObject> images(Path manifest) throws IOException {
    byte[] list;
    try (InputStream in = Files.newInputStream(manifest)) {
      list = in.readNBytes(MOST_MANIFEST_BYTES);
    }
    // The document is a list: put into an object it can be read with the care all others are.
    byte[] start = "{\"images\":".getBytes(StandardCharsets.US_ASCII);
    byte[] object = Arrays.copyOf(start, start.length + list.length + 1);
    System.arraycopy(list, 0, object, start.length, list.length);
    object[object.length - 1] = '}';
    return JsonObject.parse(object, MANIFEST).objects("images");
  }

  private void make(List<JsonObject> images) throws IOException {
    ObjectNode index = JSON.createObjectNode();
    index.put("schemaVersion", 2);
    index.put("mediaType", MediaType.OCI_INDEX);
    ArrayNode manifests = index.putArray("manifests");
    Files.createDirectories(folder.resolve("blobs/sha256"));
    for (JsonObject image : images) {
      byte[] manifest = manifest(image);
      Digest digest = Digest.sha256(manifest);
      Files.write(blob(digest), manifest);
      List<String> tags = image.texts("RepoTags");
      if (tags.isEmpty()) {
        describe(manifests.addObject(), MediaType.OCI_MANIFEST, digest, manifest.length);
      }
      for (String tag : tags) {
        ObjectNode node = manifests.addObject();
        describe(node, MediaType.OCI_MANIFEST, digest, manifest.length);
        node.putObject("annotations").put(REF_NAME, tag);
      }
    }
    Files.write(folder.resolve("index.json"), JSON.writeValueAsBytes(index));
  }

  private byte[] manifest(JsonObject image) throws IOException {
    ObjectNode manifest = JSON.createObjectNode();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", MediaType.OCI_MANIFEST);
    add(manifest.putObject("config"), image.text("Config"), MediaType.OCI_CONFIG);
    ArrayNode layers = manifest.putArray("layers");
    for (String layer : image.texts("Layers")) {
      add(layers.addObject(), layer, null);
    }
    return JSON.writeValueAsBytes(manifest);
  }

  /**
   * Makes a file of the archive a blob and describes it.
   *
   * @param mediaType null for a layer, whose first bytes tell
   */
  private void add(ObjectNode node, String name, @Nullable String mediaType) throws IOException {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    String key =
        bytes.length > BytePath.MAX_BYTES || name.indexOf('\0') >= 0
            ? ""
            : new String(BytePath.of(bytes).bytes(), StandardCharsets.ISO_8859_1);
    Path file = files.get(key);
    if (file == null) {
      throw new ImageException.FailedPrecondition("the archive has no file " + Quoted.of(name));
    }
    Digest.Hasher hasher = Digest.Algorithm.SHA256.hasher();
    byte[] first = new byte[4];
    long size = 0;
    byte[] block = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        for (int i = 0; i < n && size + i < first.length; i++) {
          first[(int) size + i] = block[i];
        }
        hasher.update(block, 0, n);
        size += n;
      }
    }
    Digest digest = hasher.finish();
    // Not moved: several images may have it.
    if (!Files.exists(blob(digest))) {
      Files.createLink(blob(digest), file);
    }
    describe(node, mediaType == null ? layerType(first) : mediaType, digest, size);
  }

  private static String layerType(byte[] first) {
    if (first[0] == 0x1f && first[1] == (byte) 0x8b) {
      return MediaType.OCI_LAYER_GZIP;
    }
    boolean isZstd =
        first[0] == 0x28 && first[1] == (byte) 0xb5 && first[2] == 0x2f && first[3] == (byte) 0xfd;
    return isZstd ? MediaType.OCI_LAYER_ZSTD : MediaType.OCI_LAYER;
  }

  private Path blob(Digest digest) {
    return folder.resolve("blobs/sha256").resolve(digest.hex());
  }

  private static void describe(ObjectNode node, String mediaType, Digest digest, long size) {
    node.put("mediaType", mediaType);
    node.put("digest", digest.toString());
    node.put("size", size);
  }
}
