package io.crij.image.catalog;

import io.crij.cri.v1.ImageStatusRequest;
import io.crij.cri.v1.ImageStatusResponse;
import io.crij.image.ImageException;
import java.nio.charset.StandardCharsets;

/** One image; nothing when it is not here, which is no error. */
public final class ImageStatus {
  private final ImageCatalog catalog;

  public ImageStatus(ImageCatalog catalog) {
    this.catalog = catalog;
  }

  /** With {@code verbose}, {@code info} holds the image's configuration as {@code imageSpec}. */
  public ImageStatusResponse imageStatus(ImageStatusRequest request) {
    String name = request.getImage().getImage();
    if (name.isEmpty()) {
      throw new ImageException.InvalidArgument("no image named");
    }
    ImageStatusResponse.Builder response = ImageStatusResponse.newBuilder();
    ImageCatalog.Found found = catalog.find(name);
    if (found != null) {
      response.setImage(ImageCatalog.message(found.image()));
      if (request.getVerbose()) {
        byte[] config = catalog.configuration(found.image());
        String json = new String(config, StandardCharsets.UTF_8);
        response.putInfo("info", "{\"imageSpec\":" + json + "}");
      }
    }
    return response.build();
  }
}
