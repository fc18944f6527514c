package io.crij.server.admin;

import io.crij.admin.v1.ImportImageRequest;
import io.crij.admin.v1.ImportImageResponse;
import io.crij.image.ImageException;
import io.crij.image.records.Image;
import io.crij.image.service.ImageService;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Reads an OCI image layout of the node into the image store. */
@Singleton
final class ImportImage {
  private final Provider<ImageService> images;

  ImportImage(Provider<ImageService> images) {
    this.images = images;
  }

  ImportImageResponse importImage(ImportImageRequest request) {
    Image image = images.get().importImage(path(request.getPath()), request.getReference());
    return ImportImageResponse.newBuilder()
        .setImageId(image.id().toString())
        .addAllReferences(image.repoTags())
        .build();
  }

  private static Path path(String value) {
    try {
      Path path = Path.of(value);
      if (path.isAbsolute()) {
        return path;
      }
    } catch (InvalidPathException e) {
      throw new ImageException.InvalidArgument("image layout: not a path", e);
    }
    throw new ImageException.InvalidArgument("image layout: not an absolute path: " + value);
  }
}
