package io.crij.image.catalog;

import io.crij.cri.v1.Image;
import io.crij.cri.v1.ImageFilter;
import io.crij.cri.v1.ListImagesRequest;
import io.crij.cri.v1.ListImagesResponse;
import java.util.stream.Stream;

/** The images of this node, or the one that a filter names. */
public final class ListImages {
  private final ImageCatalog catalog;

  public ListImages(ImageCatalog catalog) {
    this.catalog = catalog;
  }

  public ListImagesResponse listImages(ListImagesRequest request) {
    return ListImagesResponse.newBuilder()
        .addAllImages(items(request.getFilter()).toList())
        .build();
  }

  /** Those that match, one after the other. */
  public Stream<Image> items(ImageFilter filter) {
    String name = filter.getImage().getImage();
    if (name.isEmpty()) {
      return catalog.list().stream().map(catalog::message);
    }
    ImageCatalog.Found found = catalog.find(name);
    return found == null ? Stream.empty() : Stream.of(catalog.message(found.image()));
  }
}
