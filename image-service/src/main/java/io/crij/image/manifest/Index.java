package io.crij.image.manifest;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Manifests of one image for several platforms (OCI image specification, image-index.md). */
public record Index(String mediaType, List<Descriptor> manifests, Map<String, String> annotations)
    implements ManifestDocument {
  private static final int MOST_MANIFESTS = 4096;

  public Index {
    manifests = List.copyOf(manifests);
    annotations = Map.copyOf(annotations);
  }

  static Index read(JsonObject json, String mediaType) {
    List<JsonObject> manifests = json.objects("manifests");
    if (manifests.size() > MOST_MANIFESTS) {
      throw json.malformed("manifests", "more than " + MOST_MANIFESTS);
    }
    return new Index(
        mediaType, manifests.stream().map(Descriptor::read).toList(), json.textMap("annotations"));
  }

  /**
   * The manifest that suits a host best, the first of equals ("the first matching entry SHOULD be
   * used"). An entry that names no platform is taken only if no other suits. It may itself be an
   * index.
   *
   * @return null if nothing here runs on that host
   */
  public @Nullable Descriptor select(Platform host) {
    Descriptor best = null;
    int bestFitness = -1;
    for (Descriptor entry : manifests) {
      Platform platform = entry.platform();
      boolean known =
          MediaType.isManifest(entry.mediaType()) || MediaType.isIndex(entry.mediaType());
      int fitness = platform == null ? 0 : platform.fitness(host);
      if (known && fitness > bestFitness) {
        best = entry;
        bestFitness = fitness;
      }
    }
    return best;
  }
}
