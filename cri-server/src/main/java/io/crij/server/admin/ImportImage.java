package io.crij.server.admin;

import io.crij.admin.v1.ImportImageRequest;
import io.crij.admin.v1.ImportImageResponse;
import io.crij.admin.v1.ImportedImage;
import io.crij.cri.v1.Image;
import io.crij.image.service.ImageService;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.nio.file.Path;

/** Reads images of the node into the image store. */
@Singleton
final class ImportImage {
  private final Provider<ImageService> images;

  ImportImage(Provider<ImageService> images) {
    this.images = images;
  }

  ImportImageResponse importImage(ImportImageRequest request) {
    ImportImageResponse.Builder response = ImportImageResponse.newBuilder();
    Path path = NodePath.of(request.getPath());
    for (Image image : images.get().importImages(path, request.getReference())) {
      response.addImages(
          ImportedImage.newBuilder().setId(image.getId()).addAllRepoTags(image.getRepoTagsList()));
    }
    return response.build();
  }
}
