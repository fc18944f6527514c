package io.crij.image.catalog;

import io.crij.cri.v1.ListImagesRequest;
import io.crij.cri.v1.ListImagesResponse;
import io.crij.image.records.ImageRow;

/** The images of this node, or the one that a filter names. */
public final class ListImages {
  private final ImageCatalog catalog;

  public ListImages(ImageCatalog catalog) {
    this.catalog = catalog;
  }

  public ListImagesResponse listImages(ListImagesRequest request) {
    String name = request.getFilter().getImage().getImage();
    ListImagesResponse.Builder response = ListImagesResponse.newBuilder();
    if (name.isEmpty()) {
      for (ImageRow image : catalog.list()) {
        response.addImages(catalog.message(image));
      }
      return response.build();
    }
    ImageCatalog.Found found = catalog.find(name);
    if (found != null) {
      response.addImages(catalog.message(found.image()));
    }
    return response.build();
  }
}
