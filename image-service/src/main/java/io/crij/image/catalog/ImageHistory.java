package io.crij.image.catalog;

import io.crij.admin.v1.ImageHistoryRequest;
import io.crij.admin.v1.ImageHistoryResponse;
import io.crij.admin.v1.ImageStep;
import io.crij.image.ImageException;
import io.crij.image.name.Digest;
import io.crij.image.records.ImageRecords;
import io.crij.image.records.ImageRow;
import io.crij.image.records.LayerRecords;
import io.crij.image.records.LayerRow;
import java.util.Iterator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How an image was built, as its configuration says, with the size of each layer. */
public final class ImageHistory {
  private static final JsonMapper JSON = new JsonMapper();

  private final ImageCatalog catalog;
  private final ImageRecords images;
  private final LayerRecords layers;

  public ImageHistory(ImageCatalog catalog, ImageRecords images, LayerRecords layers) {
    this.catalog = catalog;
    this.images = images;
    this.layers = layers;
  }

  /**
   * The steps, the first one first. A configuration without a history gives a step for each layer.
   */
  public ImageHistoryResponse imageHistory(ImageHistoryRequest request) {
    ImageCatalog.Found found = catalog.find(request.getImage());
    if (found == null) {
      throw new ImageException.NotFound("image " + request.getImage() + " is not on this node");
    }
    ImageRow image = found.image();
    if (image.kind() == ImageRow.Kind.ARTIFACT) {
      throw new ImageException.FailedPrecondition("an artifact has no history");
    }
    Iterator<Digest> left = images.layers(image.id()).iterator();
    ImageHistoryResponse.Builder response = ImageHistoryResponse.newBuilder();
    for (JsonNode step : JSON.readTree(catalog.configuration(image)).path("history")) {
      ImageStep.Builder message =
          ImageStep.newBuilder()
              .setCreated(step.path("created").asString(""))
              .setCreatedBy(step.path("created_by").asString(""))
              .setComment(step.path("comment").asString(""));
      if (!step.path("empty_layer").asBoolean(false) && left.hasNext()) {
        setLayer(message, left.next());
      }
      response.addSteps(message);
    }
    while (left.hasNext()) {
      response.addSteps(setLayer(ImageStep.newBuilder(), left.next()));
    }
    return response.build();
  }

  private ImageStep.Builder setLayer(ImageStep.Builder step, Digest diffId) {
    LayerRow row = layers.find(diffId);
    return step.setDiffId(diffId.toString()).setSizeBytes(row == null ? 0 : row.archiveBytes());
  }
}
