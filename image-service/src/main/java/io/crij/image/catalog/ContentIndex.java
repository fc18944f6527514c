package io.crij.image.catalog;

import io.crij.image.content.ContentStore;
import io.crij.image.listing.StoreListing;
import io.crij.image.manifest.MediaType;
import io.crij.image.records.AdditionalRecords;
import io.crij.image.records.ImageRecords;
import io.crij.image.records.ImageRow;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes the {@code index.json} by which other tools read the store (image-layout.md), and the
 * listing by which other nodes use it: behind what changes them, all changes of a moment at once.
 * To write them after each pull would cost more the more images there are.
 */
final class ContentIndex implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ContentIndex.class);

  private static final Duration DELAY = Duration.ofMillis(500);
  private static final String REF_NAME = "org.opencontainers.image.ref.name";

  private final ImageRecords records;
  private final AdditionalRecords contents;
  private final ContentStore content;
  private final JsonMapper json = new JsonMapper();
  private final AtomicBoolean outdated = new AtomicBoolean();
  private final ScheduledThreadPoolExecutor writer =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("image-index").factory());

  ContentIndex(ImageRecords records, AdditionalRecords contents, ContentStore content) {
    this.records = records;
    this.contents = contents;
    this.content = content;
    writer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    writer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
  }

  /** Has both written soon; after the end, not any more. */
  void changed() {
    if (outdated.compareAndSet(false, true)) {
      var _ = writer.schedule(this::write, DELAY.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void write() {
    if (!outdated.getAndSet(false)) {
      return;
    }
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
    } catch (RuntimeException e) {
      // For others only: the records are what counts.
      log.warn("index of images is not up to date: {}", e.getMessage());
    }
  }

  /** Writes what is still to be written. */
  @Override
  public void close() {
    writer.close();
    write();
  }

  private static ObjectNode add(ArrayNode manifests, ImageRow image) {
    return manifests
        .addObject()
        .put("mediaType", image.manifest().mediaType())
        .put("digest", image.manifest().digest().toString())
        .put("size", image.manifest().size());
  }
}
