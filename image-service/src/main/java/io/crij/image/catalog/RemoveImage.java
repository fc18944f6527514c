package io.crij.image.catalog;

import io.crij.cri.v1.RemoveImageRequest;
import io.crij.cri.v1.RemoveImageResponse;
import io.crij.image.ImageException;
import io.crij.image.name.Digest;
import io.crij.image.records.ImageRecords;
import io.crij.image.records.ImageRow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes an image by its id with all its names; by a name only that name, unless it is the last by
 * which the image was asked for. An image that is not here is no error. A pinned one is removed
 * too: to pin is "only a recommendation" (api.proto, Image).
 */
public final class RemoveImage {
  private static final Logger log = LoggerFactory.getLogger(RemoveImage.class);

  private final ImageCatalog catalog;
  private final ImageRecords records;
  private final ImageCollector collector;

  public RemoveImage(ImageCatalog catalog, ImageRecords records, ImageCollector collector) {
    this.catalog = catalog;
    this.records = records;
    this.collector = collector;
  }

  /**
   * Removes the image or name.
   *
   * @throws ImageException.FailedPrecondition when containers use the image, or when it is in an
   *     additional store
   */
  public RemoveImageResponse removeImage(RemoveImageRequest request) {
    String asked = request.getImage().getImage();
    if (asked.isEmpty()) {
      throw new ImageException.InvalidArgument("no image named");
    }
    ImageCatalog.Found found = catalog.findAny(asked);
    if (found != null) {
      Digest id = found.image().id();
      requireOwn(found.image());
      String name = found.name();
      if (name != null && records.removeName(id, name)) {
        log.info("untagged {} of image {}", name, id);
      } else {
        remove(id);
      }
    }
    return RemoveImageResponse.getDefaultInstance();
  }

  private static void requireOwn(ImageRow image) {
    if (!image.isOwn()) {
      throw new ImageException.FailedPrecondition(
          "image %s is in the additional image store %s, which is read-only"
              .formatted(image.id(), image.store()));
    }
  }

  private void remove(Digest id) {
    if (!collector.remove(id)) {
      throw new ImageException.FailedPrecondition(
          "image " + id + " is in use by " + String.join(", ", records.users(id)));
    }
    log.info("removed image {}", id);
  }
}
