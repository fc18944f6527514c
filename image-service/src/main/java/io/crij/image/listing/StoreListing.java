package io.crij.image.listing;

import io.crij.image.ImageException;
import io.crij.image.LayerKind;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.JsonObject;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.image.records.AdditionalRecords.Contents;
import io.crij.image.records.AdditionalRecords.StoredImage;
import io.crij.image.records.ImageRow;
import io.crij.image.records.LayerRow;
import io.crij.image.records.NewImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The records of a store as a JSON document. */
public final class StoreListing {
  private static final int VERSION = 1;

  private StoreListing() {}

  /** Writes what a store has. */
  public static byte[] write(Contents contents) {
    JsonMapper json = new JsonMapper();
    ObjectNode listing = json.createObjectNode().put("version", VERSION);
    ArrayNode images = listing.putArray("images");
    contents.images().forEach(image -> write(images.addObject(), image));
    ArrayNode layers = listing.putArray("layers");
    for (LayerRow layer : contents.layers()) {
      layers
          .addObject()
          .put("diffId", layer.diffId().toString())
          .put("kind", layer.kind().name())
          .put("archiveBytes", layer.archiveBytes())
          .put("diskBytes", layer.diskBytes())
          .put("inodes", layer.inodes());
    }
    return json.writeValueAsBytes(listing);
  }

  private static void write(ObjectNode node, StoredImage stored) {
    NewImage image = stored.image();
    node.put("id", image.id().toString())
        .put("kind", image.kind().name())
        .put("manifest", image.manifest().digest().toString())
        .put("manifestBytes", image.manifest().size())
        .put("mediaType", image.manifest().mediaType())
        .put("user", image.user())
        .put("sizeBytes", image.sizeBytes())
        .put("fixup", stored.hasFixup() ? 1 : 0);
    ArrayNode layers = node.putArray("layers");
    image.diffIds().forEach(layer -> layers.add(layer.toString()));
    ArrayNode blobs = node.putArray("blobs");
    image
        .blobs()
        .forEach(
            (digest, size) -> blobs.addObject().put("digest", digest.toString()).put("size", size));
    stored.tags().forEach(node.putArray("tags")::add);
    stored.digests().forEach(node.putArray("digests")::add);
  }

  /**
   * Reads what a store says it has. Nothing of it was looked for.
   *
   * @param store its folder
   * @throws ImageException.FailedPrecondition when it is malformed
   */
  public static Contents read(byte[] bytes, String store) {
    JsonObject listing = JsonObject.parse(bytes, "images.json of " + store);
    if (listing.number("version") != VERSION) {
      throw listing.malformed("version", "not " + VERSION);
    }
    List<StoredImage> images = new ArrayList<>();
    for (JsonObject image : listing.objects("images")) {
      images.add(image(image));
    }
    List<LayerRow> layers = new ArrayList<>();
    for (JsonObject layer : listing.objects("layers")) {
      layers.add(
          new LayerRow(
              layer.digest("diffId"),
              choice(layer, "kind", LayerKind.values()),
              count(layer, "archiveBytes"),
              count(layer, "diskBytes"),
              count(layer, "inodes"),
              store));
    }
    return new Contents(images, layers);
  }

  private static StoredImage image(JsonObject json) {
    Map<Digest, Long> blobs = new HashMap<>();
    for (JsonObject blob : json.objects("blobs")) {
      blobs.put(blob.digest("digest"), count(blob, "size"));
    }
    String user = json.optionalText("user");
    NewImage image =
        new NewImage(
            json.digest("id"),
            choice(json, "kind", ImageRow.Kind.values()),
            new Descriptor(
                json.text("mediaType"), json.digest("manifest"), count(json, "manifestBytes")),
            user == null ? "" : user,
            count(json, "sizeBytes"),
            json.digests("layers"),
            blobs);
    return new StoredImage(
        image, count(json, "fixup") > 0, names(json, "tags"), names(json, "digests"));
  }

  private static List<String> names(JsonObject json, String field) {
    List<String> names = json.texts(field);
    for (String name : names) {
      if (!ImageReference.parse(name).toString().equals(name)) {
        throw json.malformed(field, "not a whole name");
      }
    }
    return names;
  }

  private static long count(JsonObject json, String field) {
    long count = json.number(field);
    if (count < 0) {
      throw json.malformed(field, "negative");
    }
    return count;
  }

  private static <E extends Enum<E>> E choice(JsonObject json, String field, E[] choices) {
    String text = json.text(field);
    for (E choice : choices) {
      if (choice.name().equals(text)) {
        return choice;
      }
    }
    throw json.malformed(field, "unknown");
  }
}
