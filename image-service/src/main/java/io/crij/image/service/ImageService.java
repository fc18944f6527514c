package io.crij.image.service;

import io.crij.cri.v1.FilesystemUsage;
import io.crij.cri.v1.ImageFilter;
import io.crij.cri.v1.ImageFsInfoRequest;
import io.crij.cri.v1.ImageFsInfoResponse;
import io.crij.cri.v1.ImageSpec;
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
import io.crij.image.additional.AdditionalStores;
import io.crij.image.artifact.ArtifactInstaller;
import io.crij.image.catalog.ImageCatalog;
import io.crij.image.catalog.ImageCollector;
import io.crij.image.catalog.ImageStatus;
import io.crij.image.catalog.ListImages;
import io.crij.image.catalog.PinnedImages;
import io.crij.image.catalog.RemoveImage;
import io.crij.image.check.Repair;
import io.crij.image.content.ArtifactTrees;
import io.crij.image.content.ContentStore;
import io.crij.image.disk.DiskReserve;
import io.crij.image.disk.PrivateFolder;
import io.crij.image.disk.Trash;
import io.crij.image.download.BlobDownloads;
import io.crij.image.gc.Expiry;
import io.crij.image.layer.FixupStore;
import io.crij.image.layer.LayerStore;
import io.crij.image.load.ImportImage;
import io.crij.image.manifest.Platform;
import io.crij.image.name.Digest;
import io.crij.image.progress.PullProgress;
import io.crij.image.pull.Caller;
import io.crij.image.pull.ImageInstaller;
import io.crij.image.pull.PullCounters;
import io.crij.image.pull.PullImage;
import io.crij.image.pull.PullStages;
import io.crij.image.records.AdditionalRecords;
import io.crij.image.records.ContentRecords;
import io.crij.image.records.Image;
import io.crij.image.records.ImageRecords;
import io.crij.image.records.ImageTables;
import io.crij.image.records.LayerRecords;
import io.crij.image.records.RootfsRecords;
import io.crij.image.records.UnusedImages;
import io.crij.image.records.VolumeRecords;
import io.crij.image.registry.Registry;
import io.crij.image.rootfs.Rootfs;
import io.crij.image.usage.DiskUsage;
import io.crij.image.usage.ImageFsInfo;
import io.crij.image.usage.StoreMeters;
import io.crij.image.usage.WritableLayers;
import io.crij.image.volume.VolumeContents;
import io.crij.image.volume.Volumes;
import io.crij.linux.LinuxException;
import io.crij.linux.mount.FileSystemSpace;
import io.crij.records.Database;
import io.crij.records.Schema;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The images of a node: the CRI's image service, import, and root file systems for containers. Safe
 * for use by many threads. Failures are {@link ImageException}s, or those of the database.
 */
public final class ImageService implements AutoCloseable {
  /** The tables that {@link #open} expects in its database. */
  public static final Schema SCHEMA = ImageTables.SCHEMA;

  private final Database records;
  private final Path folder;
  private final Trash trash;
  private final Trash imageTrash;
  private final Registry registry;
  private final PinnedImages pinned;
  private final Expiry expiry;
  private final LayerStore layers;
  private final ImageCollector collector;
  private final ImageCatalog catalog;
  private final PullImage pullImage;
  private final ListImages listImages;
  private final ImageStatus imageStatus;
  private final RemoveImage removeImage;
  private final ImageFsInfo imageFsInfo;
  private final ImportImage importImage;
  private final Rootfs rootfs;
  private final Volumes volumes;
  private final ImageAdmin admin;

  private ImageService(ImageServiceConfig config, Database database, PullImage.Watch watch)
      throws IOException {
    this.records = database;
    Path root = PrivateFolder.create(config.root());
    this.folder = PrivateFolder.create(config.store().folder());
    this.trash = Trash.open(root.resolve("trash"));
    this.imageTrash = folder.equals(root) ? trash : Trash.open(folder.resolve("trash"));
    Duration age = config.store().partialPullAge();
    ImageRecords images = new ImageRecords(database);
    ContentRecords contentRecords = new ContentRecords(database);
    LayerRecords layerRecords = new LayerRecords(database, age);
    ContentStore content = ContentStore.open(folder, imageTrash, age, config.store().additional());
    AdditionalRecords additionalRecords = new AdditionalRecords(database);
    AdditionalStores additional = AdditionalStores.open(additionalRecords, config.store());
    this.layers =
        LayerStore.open(
            folder, layerRecords, imageTrash, config.store().layers(), config.pulls().unpacks());
    FixupStore fixups = FixupStore.open(folder, imageTrash);
    ArtifactTrees artifacts = ArtifactTrees.open(folder, content, imageTrash);
    this.collector =
        new ImageCollector(
            new ImageCollector.Records(images, contentRecords, additionalRecords),
            new ImageCollector.Stores(content, layers, fixups, artifacts, additional),
            DiskReserve.open(root.resolve("reserve")),
            age);
    collector.collect();
    this.expiry = Expiry.start(age, () -> collect(collector, content));
    this.registry = new Registry(config.registries());
    this.pinned = new PinnedImages(config.store().pinned());
    ImageInstaller installer =
        new ImageInstaller(
            layers, collector, new ArtifactInstaller(content, collector), Platform.host());
    this.catalog = new ImageCatalog(images, content, pinned, registry.shortNames());
    this.pullImage = pull(config, installer, content, watch);
    this.listImages = new ListImages(catalog);
    this.imageStatus = new ImageStatus(catalog);
    this.removeImage = new RemoveImage(catalog, images, collector);
    RootfsRecords users = new RootfsRecords(database);
    this.rootfs = Rootfs.open(config, new Rootfs.Stores(images, layers, fixups, users), trash);
    this.volumes =
        new Volumes(
            catalog, new VolumeRecords(database), new VolumeContents(catalog, rootfs, artifacts));
    Clock clock = Clock.systemUTC();
    WritableLayers writable = new WritableLayers(root.resolve("containers"), clock);
    this.imageFsInfo = new ImageFsInfo(contentRecords, writable, folder, root, clock);
    this.importImage = new ImportImage(installer, content.ingest(), imageTrash);
    this.admin =
        new ImageAdmin(
            new ImageAdmin.Records(
                images, contentRecords, layerRecords, new UnusedImages(database)),
            new ImageAdmin.Stores(content, layers, catalog, collector),
            new Repair(
                new Repair.Stores(images, contentRecords, layerRecords, content),
                registry,
                installer),
            registry,
            new DiskUsage(
                new DiskUsage.Records(images, contentRecords, layerRecords),
                new DiskUsage.Stores(folder, root, content.parts(), writable, age)),
            clock);
  }

  private PullImage pull(
      ImageServiceConfig config,
      ImageInstaller installer,
      ContentStore content,
      PullImage.Watch watch) {
    return new PullImage(
        registry,
        installer,
        new BlobDownloads(content.parts(), config.pulls().downloads()),
        pinned,
        config.pulls().progressTimeout(),
        watch);
  }

  private static void collect(ImageCollector collector, ContentStore content) {
    collector.collect();
    content.parts().expire();
  }

  /** Opens the store as below; what it does is measured for it alone. */
  public static ImageService open(ImageServiceConfig config, Database database) {
    return open(config, database, new PullImage.Watch(new SimpleMeterRegistry(), PullStages.NONE));
  }

  /**
   * Opens the store, made if it is not there; what a crash left half done is taken away.
   *
   * @param watch its meters are given those that {@code docs/metrics.md} names
   */
  public static ImageService open(
      ImageServiceConfig config, Database database, PullImage.Watch watch) {
    try {
      ImageService service = new ImageService(config, database, watch);
      new StoreMeters(new ContentRecords(database)).bindTo(watch.meters());
      return service;
    } catch (IOException e) {
      throw new ImageException.Internal(
          "open image store " + config.root() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Takes over what may change while the service runs: which images are pinned, and credentials of
   * single ones; the rest holds from the next start.
   */
  public void apply(ImageServiceConfig changed) {
    pinned.set(changed.store().pinned());
    registry.setAuthFilesOfImages(changed.registries().credentials().ofImages());
  }

  public PullImageResponse pullImage(PullImageRequest request) {
    return pullImage.pullImage(request);
  }

  /**
   * Pulls for a caller of some kind; an interrupt of this thread means that he has left.
   *
   * @param watcher is given what tells where the pull stands, before it begins
   */
  public PullImageResponse pullImage(
      PullImageRequest request, Caller caller, Consumer<PullProgress> watcher) {
    return pullImage.pullImage(request, caller, watcher);
  }

  /** What all pulls did. */
  public PullCounters pullCounters() {
    return pullImage.counters();
  }

  public ListImagesResponse listImages(ListImagesRequest request) {
    return listImages.listImages(request);
  }

  /** What {@link #listImages} lists, one after the other: StreamImages. */
  public Stream<io.crij.cri.v1.Image> images(ImageFilter filter) {
    return listImages.items(filter);
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
   * What the writable layers of some containers take on the disk, as last counted, by their ids;
   * without those that are gone, or not counted yet.
   */
  public Map<String, FilesystemUsage> writableLayers(Collection<String> containerIds) {
    return imageFsInfo.writableLayers(containerIds);
  }

  /** What people at the node do with images, beyond the CRI. */
  public ImageAdmin admin() {
    return admin;
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
   * Makes all images of a folder or archive known to this node.
   *
   * @param reference the name of the one image that is there; if empty, all are read
   */
  public List<io.crij.cri.v1.Image> importImages(Path path, String reference) {
    List<Digest> ids =
        reference.isEmpty()
            ? importImage.importImages(path)
            : List.of(importImage.importImage(path, reference));
    return ids.stream()
        .flatMap(id ->
            images(
                ImageFilter.newBuilder()
                    .setImage(ImageSpec.newBuilder().setImage(id.toString()))
                    .build()))
        .toList();
  }

  /**
   * An image by its id, the first digits of it, or a reference; null if it is not here.
   *
   * @throws ImageException.InvalidArgument when it is neither an id nor a reference
   * @throws ImageException.FailedPrecondition when it is an artifact
   */
  public @Nullable Image find(String nameOrId) {
    ImageCatalog.Found found = catalog.find(nameOrId);
    return found == null ? null : catalog.image(found.image());
  }

  public Rootfs rootfs() {
    return rootfs;
  }

  /** Images and artifacts as volumes of containers. */
  public Volumes volumes() {
    return volumes;
  }

  /**
   * Why nothing can be written where records and images are; empty when it can, as far as is known.
   */
  public String trouble() {
    String ofRecords = records.trouble();
    if (!ofRecords.isEmpty()) {
      return ofRecords;
    }
    try {
      return FileSystemSpace.of(folder).isReadOnly() ? folder + " has become read-only" : "";
    } catch (LinuxException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Ends pulls under way; a part that was deleted behind is deleted at the next start. */
  @Override
  public void close() {
    pullImage.close();
    registry.close();
    expiry.close();
    collector.close();
    layers.close();
    imageTrash.close();
    trash.close();
  }
}
