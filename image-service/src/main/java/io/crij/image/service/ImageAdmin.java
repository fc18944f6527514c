package io.crij.image.service;

import io.crij.admin.v1.CheckImagesRequest;
import io.crij.admin.v1.CheckImagesResponse;
import io.crij.admin.v1.DiskUsageRequest;
import io.crij.admin.v1.DiskUsageResponse;
import io.crij.admin.v1.ExportImagesRequest;
import io.crij.admin.v1.ExportImagesResponse;
import io.crij.admin.v1.ImageHistoryRequest;
import io.crij.admin.v1.ImageHistoryResponse;
import io.crij.admin.v1.ListArtifactsRequest;
import io.crij.admin.v1.ListArtifactsResponse;
import io.crij.admin.v1.PruneImagesRequest;
import io.crij.admin.v1.PruneImagesResponse;
import io.crij.admin.v1.PushImageRequest;
import io.crij.admin.v1.PushImageResponse;
import io.crij.admin.v1.TagImageRequest;
import io.crij.admin.v1.TagImageResponse;
import io.crij.image.archive.LayerArchives;
import io.crij.image.artifact.ListArtifacts;
import io.crij.image.catalog.ImageCatalog;
import io.crij.image.catalog.ImageCollector;
import io.crij.image.catalog.ImageHistory;
import io.crij.image.catalog.TagImage;
import io.crij.image.check.CheckImages;
import io.crij.image.check.LayerCheck;
import io.crij.image.check.Repair;
import io.crij.image.content.ContentStore;
import io.crij.image.export.ExportImages;
import io.crij.image.export.PushImage;
import io.crij.image.export.StoredImage;
import io.crij.image.gc.PruneImages;
import io.crij.image.layer.LayerStore;
import io.crij.image.records.ContentRecords;
import io.crij.image.records.ImageRecords;
import io.crij.image.records.LayerRecords;
import io.crij.image.records.UnusedImages;
import io.crij.image.registry.Registry;
import io.crij.image.usage.DiskUsage;
import java.nio.file.Path;
import java.time.Clock;

/** The verbs on images that the CRI has no word for. */
public final class ImageAdmin {
  private final ListArtifacts listArtifacts;
  private final PruneImages pruneImages;
  private final CheckImages checkImages;
  private final ExportImages exportImages;
  private final PushImage pushImage;
  private final TagImage tagImage;
  private final ImageHistory imageHistory;
  private final DiskUsage diskUsage;

  /** What is recorded. */
  record Records(
      ImageRecords images, ContentRecords content, LayerRecords layers, UnusedImages unused) {}

  /** What is on the disk. */
  record Stores(
      ContentStore content, LayerStore layers, ImageCatalog catalog, ImageCollector collector) {}

  ImageAdmin(
      Records records,
      Stores stores,
      Repair repair,
      Registry registry,
      DiskUsage diskUsage,
      Clock clock) {
    ImageCatalog catalog = stores.catalog();
    LayerArchives archives = new LayerArchives(stores.layers(), records.layers());
    this.listArtifacts = new ListArtifacts(catalog);
    this.pruneImages =
        new PruneImages(catalog, records.images(), records.unused(), stores.collector(), clock);
    this.checkImages =
        new CheckImages(
            records.content(),
            records.layers(),
            stores.content(),
            new LayerCheck(stores.layers(), archives),
            repair);
    StoredImage.Stores stored =
        new StoredImage.Stores(catalog, records.images(), stores.content(), archives);
    this.exportImages = new ExportImages(stored);
    this.pushImage = new PushImage(stored, registry);
    this.tagImage = new TagImage(catalog, records.images());
    this.diskUsage = diskUsage;
    this.imageHistory = new ImageHistory(catalog, records.images(), records.layers());
  }

  public ListArtifactsResponse listArtifacts(ListArtifactsRequest request) {
    return listArtifacts.listArtifacts(request);
  }

  public PruneImagesResponse pruneImages(PruneImagesRequest request) {
    return pruneImages.pruneImages(request);
  }

  public DiskUsageResponse diskUsage(DiskUsageRequest request) {
    return diskUsage.diskUsage(request);
  }

  public CheckImagesResponse checkImages(CheckImagesRequest request) {
    return checkImages.checkImages(request);
  }

  /**
   * Writes images to the disk.
   *
   * @param target must not be there
   */
  public ExportImagesResponse exportImages(ExportImagesRequest request, Path target) {
    return exportImages.exportImages(request, target);
  }

  public PushImageResponse pushImage(PushImageRequest request) {
    return pushImage.pushImage(request);
  }

  public TagImageResponse tagImage(TagImageRequest request) {
    return tagImage.tagImage(request);
  }

  public ImageHistoryResponse imageHistory(ImageHistoryRequest request) {
    return imageHistory.imageHistory(request);
  }
}
