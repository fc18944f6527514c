package io.crij.image;

import io.crij.cri.v1.ImageFilter;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.ImageStatusRequest;
import io.crij.cri.v1.ListImagesRequest;
import io.crij.cri.v1.PullImageRequest;
import io.crij.cri.v1.RemoveImageRequest;
import io.crij.image.service.ImageService;
import io.crij.records.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** An image store of a test. */
final class TestNode implements AutoCloseable {
  private final Path folder;
  private final Database database;
  private final ImageService images;

  TestNode(Path folder) throws IOException {
    this.folder = folder;
    Files.createDirectories(folder.resolve("run"));
    Files.createDirectories(hosts(folder));
    this.database = Database.open(folder.resolve("crij.db"), List.of(ImageService.SCHEMA));
    this.images =
        ImageService.open(
            new ImageServiceConfig(root(), folder.resolve("run"), hosts(folder)), database);
  }

  static Path hosts(Path folder) {
    return folder.resolve("certs.d");
  }

  Path root() {
    return folder.resolve("store");
  }

  ImageService images() {
    return images;
  }

  String pull(String name) {
    return images
        .pullImage(PullImageRequest.newBuilder().setImage(spec(name)).build())
        .getImageRef();
  }

  io.crij.cri.v1.Image status(String name) {
    return images
        .imageStatus(ImageStatusRequest.newBuilder().setImage(spec(name)).build())
        .getImage();
  }

  boolean has(String name) {
    return images
        .imageStatus(ImageStatusRequest.newBuilder().setImage(spec(name)).build())
        .hasImage();
  }

  List<io.crij.cri.v1.Image> list(String filter) {
    return images
        .listImages(
            ListImagesRequest.newBuilder()
                .setFilter(ImageFilter.newBuilder().setImage(spec(filter)))
                .build())
        .getImagesList();
  }

  void remove(String name) {
    images.removeImage(RemoveImageRequest.newBuilder().setImage(spec(name)).build());
  }

  /** The names of what is in a folder of the store. */
  List<String> files(String path) throws IOException {
    try (Stream<Path> paths = Files.list(root().resolve(path))) {
      return paths.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  static ImageSpec spec(String name) {
    return ImageSpec.newBuilder().setImage(name).build();
  }

  @Override
  public void close() {
    images.close();
    database.close();
  }
}
