package io.crij.image.catalog;

import io.crij.image.content.ContentStore;
import io.crij.image.listing.StoreListing;
import io.crij.image.manifest.MediaType;
import io.crij.image.records.AdditionalRecords;
import io.crij.image.records.ImageRecords;
import io.crij.image.records.ImageRow;
import java.io.UncheckedIOException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes the {@code index.json} by which other tools read the store (image-layout.md), and the
 * listing by which other nodes use it.
 */
final class ContentIndex {
  private static final Logger log = LoggerFactory.getLogger(ContentIndex.class);

  private static final String REF_NAME = "org.opencontainers.image.ref.name";

  private final ImageRecords records;
  private final AdditionalRecords contents;
  private final ContentStore content;
  private final JsonMapper json = new JsonMapper();
  private final ReentrantLock lock = new ReentrantLock();

  ContentIndex(ImageRecords records, AdditionalRecords contents, ContentStore content) {
    this.records = records;
    this.contents = contents;
    this.content = content;
  }

  void write() {
    lock.lock();
    try {
      ObjectNode index = json.createObjectNode();
      index.put("schemaVersion", 2);
      index.put("mediaType", MediaType.OCI_INDEX);
      ArrayNode manifests = index.putArray("manifests");
      for (ImageRow image : records.list()) {
        if (!image.isWhole() || !image.isOwn()) {
          continue;
        }
        if (image.repoTags().isEmpty()) {
          add(manifests, image);
        }
        for (String tag : image.repoTags()) {
          add(manifests, image).putObject("annotations").put(REF_NAME, tag);
        }
      }
      content.writeIndex(json.writeValueAsBytes(index));
      content.writeListing(StoreListing.write(contents.own()));
    } catch (UncheckedIOException e) {
      // For others only: the records are what counts.
      log.warn("index of images is not up to date: {}", e.getMessage());
    } finally {
      lock.unlock();
    }
  }

  private static ObjectNode add(ArrayNode manifests, ImageRow image) {
    return manifests
        .addObject()
        .put("mediaType", image.manifest().mediaType())
        .put("digest", image.manifest().digest().toString())
        .put("size", image.manifest().size());
  }
}
