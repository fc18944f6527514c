package io.crij.image.export;

import io.crij.image.archive.LayerArchives;
import io.crij.image.catalog.ImageCatalog;
import io.crij.image.content.ContentStore;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.Manifest;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import io.crij.image.records.ImageRecords;
import io.crij.image.records.ImageRow;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An image as it can be given away: its layers are not kept as they came, so its manifest is
 * another one, of the same configuration and of layers that are made anew. Its id is the same. An
 * artifact is what it was.
 *
 * @param manifest of what is given away
 * @param manifestBytes its bytes
 * @param blobs all that the manifest names, the configuration first
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record StoredImage(
    ImageRow image, Descriptor manifest, byte[] manifestBytes, List<Blob> blobs) {
  /** A blob and how its bytes are got. */
  public record Blob(Descriptor descriptor, Content content) {}

  /** Gives bytes, again at each call. */
  @FunctionalInterface
  public interface Content {
    InputStream open() throws IOException;
  }

  /** Where images are. */
  public record Stores(
      ImageCatalog catalog, ImageRecords images, ContentStore content, LayerArchives layers) {}

  static StoredImage of(ImageRow image, Stores stores, LayerBlobs layers) {
    Manifest manifest = stores.catalog().manifest(image);
    List<Blob> blobs = new ArrayList<>();
    if (image.kind() == ImageRow.Kind.ARTIFACT) {
      blobs.add(kept(manifest.config(), stores));
      manifest.layers().forEach(layer -> blobs.add(kept(layer, stores)));
      byte[] bytes = stores.content().read(image.manifest().digest());
      return new StoredImage(image, image.manifest(), bytes, blobs);
    }
    Descriptor config =
        new Descriptor(MediaType.OCI_CONFIG, manifest.config().digest(), manifest.config().size());
    blobs.add(kept(config, stores));
    for (Digest diffId : stores.images().layers(image.id())) {
      blobs.add(layers.blob(diffId));
    }
    byte[] bytes = document(blobs, manifest.annotations());
    return new StoredImage(
        image,
        new Descriptor(MediaType.OCI_MANIFEST, Digest.sha256(bytes), bytes.length),
        bytes,
        blobs);
  }

  private static Blob kept(Descriptor descriptor, Stores stores) {
    return new Blob(descriptor, () -> stores.content().open(descriptor.digest()));
  }

  private static byte[] document(List<Blob> blobs, Map<String, String> annotations) {
    JsonMapper json = new JsonMapper();
    ObjectNode manifest = json.createObjectNode();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", MediaType.OCI_MANIFEST);
    describe(manifest.putObject("config"), blobs.getFirst().descriptor(), null);
    ArrayNode layers = manifest.putArray("layers");
    for (Blob layer : blobs.subList(1, blobs.size())) {
      describe(layers.addObject(), layer.descriptor(), null);
    }
    if (!annotations.isEmpty()) {
      ObjectNode node = manifest.putObject("annotations");
      annotations.forEach(node::put);
    }
    return json.writeValueAsBytes(manifest);
  }

  static void describe(ObjectNode node, Descriptor descriptor, @Nullable String name) {
    node.put("mediaType", descriptor.mediaType());
    node.put("digest", descriptor.digest().toString());
    node.put("size", descriptor.size());
    if (name != null) {
      node.putObject("annotations").put("org.opencontainers.image.ref.name", name);
    }
  }
}
