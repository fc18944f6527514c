package io.crij.image;

import io.crij.admin.v1.CheckImagesRequest;
import io.crij.admin.v1.DiskUsageRequest;
import io.crij.admin.v1.DiskUsageResponse;
import io.crij.admin.v1.ImageFinding;
import io.crij.admin.v1.PruneImagesRequest;
import io.crij.admin.v1.PruneImagesResponse;
import io.crij.cri.v1.ImageFilter;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.ImageStatusRequest;
import io.crij.cri.v1.ListImagesRequest;
import io.crij.cri.v1.PullImageRequest;
import io.crij.cri.v1.RemoveImageRequest;
import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.name.Digest;
import io.crij.image.pull.PullImage;
import io.crij.image.pull.PullStages;
import io.crij.image.service.ImageService;
import io.crij.records.Database;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
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
  private final MeterRegistry meters = new SimpleMeterRegistry();

  /** With layers as they are by default. */
  TestNode(Path folder) throws IOException {
    this(folder, LayerFormat.AUTO);
  }

  TestNode(Path folder, LayerFormat format) throws IOException {
    this(folder, ImageStoreConfig.in(folder.resolve("store")).withLayers(format));
  }

  TestNode(Path folder, ImageStoreConfig store) throws IOException {
    this(folder, store, PullLimits.DEFAULT);
  }

  TestNode(Path folder, ImageStoreConfig store, PullLimits pulls) throws IOException {
    this.folder = folder;
    Files.createDirectories(folder.resolve("run"));
    Files.createDirectories(hosts(folder));
    this.database = Database.open(folder.resolve("crij.db"), List.of(ImageService.SCHEMA));
    this.images =
        ImageService.open(
            new ImageServiceConfig(
                root(), folder.resolve("run"), RegistryConfig.below(folder), store, pulls),
            database,
            new PullImage.Watch(meters, PullStages.NONE));
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

  /** What a meter that {@code docs/metrics.md} names says now. */
  double meter(String name, String... tags) {
    return meters.get(name).tags(tags).meter().measure().iterator().next().getValue();
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

  PruneImagesResponse prune(PruneImagesRequest.Builder request) {
    return images.admin().pruneImages(request.build());
  }

  /** What is on the disk, and who keeps it. */
  DiskUsageResponse diskUsage() {
    return images.admin().diskUsage(DiskUsageRequest.getDefaultInstance());
  }

  List<ImageFinding> check(boolean repair) {
    return images
        .admin()
        .checkImages(CheckImagesRequest.newBuilder().setRepair(repair).build())
        .getFindingsList();
  }

  /** What a check finds that reads nothing. */
  List<ImageFinding> quickCheck() {
    return images
        .admin()
        .checkImages(CheckImagesRequest.newBuilder().setQuick(true).build())
        .getFindingsList();
  }

  /** The names of what is in a folder of the store. */
  List<String> files(String path) throws IOException {
    try (Stream<Path> paths = Files.list(root().resolve(path))) {
      return paths.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  /** A file of a layer as it is on the disk, or what holds it. */
  Path content(byte[] archive, String file) {
    Path layer = root().resolve("layers").resolve(Digest.sha256(archive).hex());
    Path tar = layer.resolve("tar");
    return Files.exists(tar) ? tar : layer.resolve("diff").resolve(file);
  }

  /** Damages a file of a layer that has at least 50 001 bytes. */
  void flip(byte[] archive, String file) throws IOException {
    Path path = content(archive, file);
    byte[] bytes = Files.readAllBytes(path);
    bytes[50_000] ^= 1;
    Files.write(path, bytes);
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
