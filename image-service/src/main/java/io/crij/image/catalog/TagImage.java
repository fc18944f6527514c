package io.crij.image.catalog;

import io.crij.admin.v1.TagImageRequest;
import io.crij.admin.v1.TagImageResponse;
import io.crij.image.ImageException;
import io.crij.image.name.ImageReference;
import io.crij.image.records.ImageRecords;

/** Gives an image one more tag; one that another image has is taken from it. */
public final class TagImage {
  private final ImageCatalog catalog;
  private final ImageRecords records;

  public TagImage(ImageCatalog catalog, ImageRecords records) {
    this.catalog = catalog;
    this.records = records;
  }

  /**
   * Tags it.
   *
   * @throws ImageException.NotFound when there is no such image
   * @throws ImageException.InvalidArgument when the tag has a digest
   * @throws ImageException.FailedPrecondition when the image is in an additional store
   */
  public TagImageResponse tagImage(TagImageRequest request) {
    String tag = ImageReference.parse(request.getTag()).repoTag();
    if (tag == null) {
      throw new ImageException.InvalidArgument("not a tag: " + request.getTag());
    }
    ImageCatalog.Found found = catalog.find(request.getImage());
    if (found != null && !found.image().isOwn()) {
      throw new ImageException.FailedPrecondition(
          "image %s is in the additional image store %s, which is read-only: pull it to name it"
              .formatted(request.getImage(), found.image().store()));
    }
    if (found == null || !records.addTag(found.image().id(), tag)) {
      throw new ImageException.NotFound("image " + request.getImage() + " is not on this node");
    }
    return TagImageResponse.newBuilder().setRepoTag(tag).build();
  }
}
