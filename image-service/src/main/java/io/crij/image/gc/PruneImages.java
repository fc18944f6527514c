package io.crij.image.gc;

import io.crij.admin.v1.PruneImagesRequest;
import io.crij.admin.v1.PruneImagesResponse;
import io.crij.admin.v1.PrunedImage;
import io.crij.image.ImageException;
import io.crij.image.catalog.ImageCatalog;
import io.crij.image.catalog.ImageCollector;
import io.crij.image.catalog.PinnedImages;
import io.crij.image.records.Image;
import io.crij.image.records.ImageRecords;
import io.crij.image.records.ImageRow;
import io.crij.image.records.UnusedImages;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes the images that nobody uses, or says which they are. */
public final class PruneImages {
  private static final Logger log = LoggerFactory.getLogger(PruneImages.class);

  private final ImageCatalog catalog;
  private final ImageRecords records;
  private final UnusedImages unused;
  private final ImageCollector collector;
  private final Clock clock;

  public PruneImages(
      ImageCatalog catalog,
      ImageRecords records,
      UnusedImages unused,
      ImageCollector collector,
      Clock clock) {
    this.catalog = catalog;
    this.records = records;
    this.unused = unused;
    this.collector = collector;
    this.clock = clock;
  }

  /**
   * Removes images that no container has, that are not pinned, and that are as the request says. An
   * image that a container takes up meanwhile stays.
   */
  public PruneImagesResponse pruneImages(PruneImagesRequest request) {
    if (request.getUnusedForSeconds() < 0) {
      throw new ImageException.InvalidArgument("unused_for_seconds is negative");
    }
    Instant latest = clock.instant().minus(Duration.ofSeconds(request.getUnusedForSeconds()));
    PinnedImages wanted = new PinnedImages(request.getNamesList());
    List<ImageRow> chosen = new ArrayList<>();
    for (ImageRow image : records.list()) {
      if (records.users(image.id()).isEmpty()
          && !catalog.isPinned(image)
          && !image.times().used().isAfter(latest)
          && (request.getNamesCount() == 0 || wanted.contains(image))
          && (!request.getUntaggedOnly() || image.repoTags().isEmpty())) {
        chosen.add(image);
      }
    }
    PruneImagesResponse.Builder response = PruneImagesResponse.newBuilder();
    response.setFreedBytes(unused.freedBytes(chosen.stream().map(ImageRow::id).toList()));
    for (ImageRow image : chosen) {
      if (request.getDryRun() || collector.remove(image.id())) {
        response.addImages(message(image));
      }
    }
    if (!request.getDryRun()) {
      collector.collect();
      log.info("pruned {} images", response.getImagesCount());
    }
    return response.build();
  }

  private static PrunedImage message(ImageRow image) {
    return PrunedImage.newBuilder()
        .setId(Image.shownId(image.id()))
        .addAllRepoTags(image.repoTags())
        .addAllRepoDigests(image.repoDigests())
        .setSizeBytes(image.sizeBytes())
        .setUsedAtSeconds(image.times().used().getEpochSecond())
        .build();
  }
}
