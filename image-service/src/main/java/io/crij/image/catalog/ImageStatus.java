package io.crij.image.catalog;

import io.crij.cri.v1.Image;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.ImageStatusRequest;
import io.crij.cri.v1.ImageStatusResponse;
import io.crij.image.ImageException;
import io.crij.image.records.ImageRow;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** One image; nothing when it is not here, which is no error. */
public final class ImageStatus {
  private static final JsonMapper JSON = new JsonMapper();

  private final ImageCatalog catalog;

  public ImageStatus(ImageCatalog catalog) {
    this.catalog = catalog;
  }

  /**
   * Its {@code spec} holds the annotations of the manifest. With {@code verbose}, {@code info}
   * holds the image's configuration as {@code imageSpec} and its {@code labels}, as CRI-O does; of
   * an artifact the {@code manifest}.
   */
  public ImageStatusResponse imageStatus(ImageStatusRequest request) {
    String name = request.getImage().getImage();
    if (name.isEmpty()) {
      throw new ImageException.InvalidArgument("no image named");
    }
    ImageStatusResponse.Builder response = ImageStatusResponse.newBuilder();
    ImageCatalog.Found found = catalog.find(name);
    if (found != null) {
      ImageRow image = found.image();
      response.setImage(message(image));
      if (request.getVerbose()) {
        response.putInfo("info", info(image));
      }
    }
    return response.build();
  }

  private Image message(ImageRow row) {
    Image image = catalog.message(row);
    Map<String, String> annotations = catalog.manifest(row).annotations();
    return annotations.isEmpty()
        ? image
        : image.toBuilder().setSpec(ImageSpec.newBuilder().putAllAnnotations(annotations)).build();
  }

  private String info(ImageRow image) {
    JsonNode config = JSON.readTree(catalog.configuration(image));
    ObjectNode info = JSON.createObjectNode();
    if (image.kind() == ImageRow.Kind.ARTIFACT) {
      return info.set("manifest", config).toString();
    }
    JsonNode labels = config.path("config").path("Labels");
    if (labels.isObject() && !labels.isEmpty()) {
      info.set("labels", labels);
    }
    info.set("imageSpec", config);
    return info.toString();
  }
}
