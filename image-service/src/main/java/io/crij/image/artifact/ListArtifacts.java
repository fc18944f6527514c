package io.crij.image.artifact;

import io.crij.admin.v1.Artifact;
import io.crij.admin.v1.ListArtifactsRequest;
import io.crij.admin.v1.ListArtifactsResponse;
import io.crij.image.catalog.ImageCatalog;
import io.crij.image.manifest.Manifest;
import io.crij.image.records.Image;
import io.crij.image.records.ImageRow;

/** The artifacts of this node with their files. */
public final class ListArtifacts {
  private final ImageCatalog catalog;

  public ListArtifacts(ImageCatalog catalog) {
    this.catalog = catalog;
  }

  public ListArtifactsResponse listArtifacts(
      @SuppressWarnings("unused") ListArtifactsRequest request) {
    ListArtifactsResponse.Builder response = ListArtifactsResponse.newBuilder();
    for (ImageRow image : catalog.list()) {
      if (image.kind() == ImageRow.Kind.ARTIFACT) {
        response.addArtifacts(message(image));
      }
    }
    return response.build();
  }

  private Artifact message(ImageRow row) {
    Manifest manifest = catalog.manifest(row);
    String type = manifest.artifactType();
    return Artifact.newBuilder()
        .setId(Image.shownId(row.id()))
        .addAllRepoTags(row.repoTags())
        .addAllRepoDigests(row.repoDigests())
        .setSizeBytes(row.sizeBytes())
        .setType(type == null ? manifest.config().mediaType() : type)
        .addAllFiles(ArtifactFiles.of(manifest).keySet())
        .build();
  }
}
