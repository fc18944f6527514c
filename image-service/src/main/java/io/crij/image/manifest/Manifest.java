package io.crij.image.manifest;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One image or artifact: its configuration and its layers, lowest first (OCI image specification,
 * manifest.md).
 *
 * @param artifactType what an artifact is; null for images
 */
public record Manifest(
    String mediaType,
    Descriptor config,
    List<Descriptor> layers,
    @Nullable String artifactType,
    Map<String, String> annotations)
    implements ManifestDocument {
  /** As many lower directories as the kernel stacks in one overlay. */
  private static final int MOST_LAYERS = 500;

  public Manifest {
    layers = List.copyOf(layers);
    annotations = Map.copyOf(annotations);
  }

  /** Whether this is a container image rather than another artifact. */
  public boolean isImage() {
    return artifactType == null && MediaType.isImageConfig(config.mediaType());
  }

  static Manifest read(JsonObject json, String mediaType) {
    List<JsonObject> layers = json.objects("layers");
    if (layers.size() > MOST_LAYERS) {
      throw json.malformed("layers", "more than " + MOST_LAYERS);
    }
    return new Manifest(
        mediaType,
        Descriptor.read(json.object("config")),
        layers.stream().map(Descriptor::read).toList(),
        json.optionalText("artifactType"),
        json.textMap("annotations"));
  }
}
