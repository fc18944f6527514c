package io.crij.image.service;

import io.crij.cri.v1.ImageFsInfoRequest;
import io.crij.cri.v1.ImageFsInfoResponse;
import io.crij.cri.v1.ImageStatusRequest;
import io.crij.cri.v1.ImageStatusResponse;
import io.crij.cri.v1.ListImagesRequest;
import io.crij.cri.v1.ListImagesResponse;
import io.crij.cri.v1.PullImageRequest;
import io.crij.cri.v1.PullImageResponse;
import io.crij.cri.v1.RemoveImageRequest;
import io.crij.cri.v1.RemoveImageResponse;
import io.crij.image.ImageException;
import io.crij.image.ImageServiceConfig;
import io.crij.image.catalog.ImageCatalog;
import io.crij.image.catalog.ImageCollector;
import io.crij.image.catalog.ImageFsInfo;
import io.crij.image.catalog.ImageStatus;
import io.crij.image.catalog.ListImages;
import io.crij.image.catalog.RemoveImage;
import io.crij.image.content.ContentStore;
import io.crij.image.disk.DiskReserve;
import io.crij.image.disk.PrivateFolder;
import io.crij.image.disk.Trash;
import io.crij.image.layer.FixupStore;
import io.crij.image.layer.LayerStore;
import io.crij.image.load.ImportImage;
import io.crij.image.manifest.Platform;
import io.crij.image.name.Digest;
import io.crij.image.pull.ImageInstaller;
import io.crij.image.pull.PullImage;
import io.crij.image.records.Image;
import io.crij.image.records.ImageRecords;
import io.crij.image.records.ImageTables;
import io.crij.image.records.LayerRecords;
import io.crij.image.records.RootfsRecords;
import io.crij.image.registry.Registry;
import io.crij.image.rootfs.Rootfs;
import io.crij.image.unpack.UnpackLimits;
import io.crij.records.Database;
import io.crij.records.Schema;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * The images of a node: the CRI's image service, import, and root file systems for containers. Safe
 * for use by many threads. Failures are {@link ImageException}s, or those of the database.
 */
public final class ImageService implements AutoCloseable {
  /** The tables that {@link #open} expects in its database. */
  public static final Schema SCHEMA = ImageTables.SCHEMA;

  private final Trash trash;
  private final LayerStore layers;
  private final ImageCatalog catalog;
  private final PullImage pullImage;
  private final ListImages listImages;
  private final ImageStatus imageStatus;
  private final RemoveImage removeImage;
  private final ImageFsInfo imageFsInfo;
  private final ImportImage importImage;
  private final Rootfs rootfs;

  private ImageService(ImageServiceConfig config, Database database) throws IOException {
    Path root = PrivateFolder.create(config.root());
    ImageRecords images = new ImageRecords(database);
    this.trash = Trash.open(root.resolve("trash"));
    ContentStore content = ContentStore.open(root, trash);
    this.layers = LayerStore.open(root, new LayerRecords(database), trash, UnpackLimits.DEFAULT);
    FixupStore fixups = FixupStore.open(root, trash);
    ImageCollector collector =
        new ImageCollector(
            images, content, layers, fixups, DiskReserve.open(root.resolve("reserve")));
    collector.collect();
    ImageInstaller installer = new ImageInstaller(layers, collector, Platform.host());
    this.catalog = new ImageCatalog(images, content);
    this.pullImage = new PullImage(new Registry(config.registryHostsDir()), installer);
    this.listImages = new ListImages(catalog);
    this.imageStatus = new ImageStatus(catalog);
    this.removeImage = new RemoveImage(catalog, images, collector);
    this.imageFsInfo = new ImageFsInfo(images, root, Clock.systemUTC());
    this.importImage = new ImportImage(installer, content.ingest(), trash);
    RootfsRecords users = new RootfsRecords(database);
    this.rootfs = Rootfs.open(root, new Rootfs.Stores(images, layers, fixups, users), trash);
  }

  /** Opens the store, made if it is not there; what a crash left half done is taken away. */
  public static ImageService open(ImageServiceConfig config, Database database) {
    try {
      return new ImageService(config, database);
    } catch (IOException e) {
      throw new ImageException.Internal(
          "open image store " + config.root() + ": " + e.getMessage(), e);
    }
  }

  public PullImageResponse pullImage(PullImageRequest request) {
    return pullImage.pullImage(request);
  }

  public ListImagesResponse listImages(ListImagesRequest request) {
    return listImages.listImages(request);
  }

  public ImageStatusResponse imageStatus(ImageStatusRequest request) {
    return imageStatus.imageStatus(request);
  }

  public RemoveImageResponse removeImage(RemoveImageRequest request) {
    return removeImage.removeImage(request);
  }

  public ImageFsInfoResponse imageFsInfo(ImageFsInfoRequest request) {
    return imageFsInfo.imageFsInfo(request);
  }

  /**
   * Makes the image of an OCI image layout, a folder or a tar archive of one, known to this node.
   *
   * @param reference its name; if empty, the one that the layout gives, or none
   */
  public Image importImage(Path layout, String reference) {
    Digest id = importImage.importImage(layout, reference);
    Image image = find(id.toString());
    if (image == null) {
      throw new ImageException.NotFound("image " + id + " was removed while it was imported");
    }
    return image;
  }

  /**
   * An image by its id, the first digits of it, or a reference; null if it is not here.
   *
   * @throws ImageException.InvalidArgument when it is neither an id nor a reference
   */
  public @Nullable Image find(String nameOrId) {
    ImageCatalog.Found found = catalog.find(nameOrId);
    return found == null ? null : catalog.image(found.image());
  }

  public Rootfs rootfs() {
    return rootfs;
  }

  /** Ends pulls under way; a part that was deleted behind is deleted at the next start. */
  @Override
  public void close() {
    pullImage.close();
    layers.close();
    trash.close();
  }
}
