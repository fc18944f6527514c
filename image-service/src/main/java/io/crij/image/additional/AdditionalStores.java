package io.crij.image.additional;

import io.crij.image.ImageException;
import io.crij.image.ImageStoreConfig;
import io.crij.image.content.ContentStore;
import io.crij.image.layer.FixupStore;
import io.crij.image.layer.Layer;
import io.crij.image.layer.LayerStore;
import io.crij.image.listing.StoreListing;
import io.crij.image.manifest.ImageConfigFile;
import io.crij.image.manifest.JsonObject;
import io.crij.image.manifest.Manifest;
import io.crij.image.manifest.ManifestDocument;
import io.crij.image.name.Digest;
import io.crij.image.records.AdditionalRecords;
import io.crij.image.records.AdditionalRecords.Contents;
import io.crij.image.records.AdditionalRecords.StoredImage;
import io.crij.image.records.Image;
import io.crij.image.records.ImageRow;
import io.crij.image.records.LayerRow;
import io.crij.image.records.NewImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records the images of additional stores among our own, as far as they are whole there. A store
 * that is not there, or says nothing that can be read, has no images.
 */
public final class AdditionalStores {
  private static final Logger log = LoggerFactory.getLogger(AdditionalStores.class);

  private final AdditionalRecords records;
  private final Map<Path, Contents> stores = new LinkedHashMap<>();

  private AdditionalStores(AdditionalRecords records) {
    this.records = records;
  }

  /**
   * Looks what the stores have, and records it.
   *
   * @param config names our own store too: if nothing is recorded of it but it says that it has
   *     images, those are recorded again
   */
  public static AdditionalStores open(AdditionalRecords records, ImageStoreConfig config) {
    AdditionalStores stores = new AdditionalStores(records);
    if (records.isEmpty() && Files.exists(ContentStore.listing(config.folder()))) {
      stores.recover(config.folder());
    }
    for (Path folder : config.additional()) {
      try {
        Contents contents = whole(folder, read(folder));
        log.info("additional image store {}: {} images", folder, contents.images().size());
        stores.stores.put(folder, contents);
      } catch (IOException | ImageException e) {
        log.warn("additional image store {} is not used: {}", folder, e.toString());
      }
    }
    stores.record();
    return stores;
  }

  /** Records it again, for images of our own that were removed may be there too. */
  public void record() {
    records.retain(stores.keySet().stream().map(Path::toString).collect(Collectors.toSet()));
    stores.forEach((folder, contents) -> records.replace(folder.toString(), contents));
  }

  private void recover(Path own) {
    try {
      Contents contents = whole(own, read(own));
      records.replace("", contents);
      log.warn(
          "the records of {} were lost; by its images.json it has {} images again",
          own,
          contents.images().size());
    } catch (IOException | ImageException e) {
      log.warn(
          "the records of {} were lost, and nothing tells of its images: {}", own, e.toString());
    }
  }

  private static Contents read(Path folder) throws IOException {
    try (InputStream in = Files.newInputStream(ContentStore.listing(folder))) {
      return StoreListing.read(in.readNBytes(JsonObject.LONGEST + 1), folder.toString());
    }
  }

  /** What of it is really there. */
  private static Contents whole(Path folder, Contents told) {
    Map<Digest, LayerRow> layers = new LinkedHashMap<>();
    for (LayerRow layer : told.layers()) {
      if (Layer.of(layer.kind(), LayerStore.inStore(layer)).isWhole(layer)) {
        layers.put(layer.diffId(), layer);
      }
    }
    List<StoredImage> images = new ArrayList<>();
    for (StoredImage image : told.images()) {
      try {
        verify(folder, image, layers);
        images.add(image);
      } catch (ImageException e) {
        log.warn(
            "image {} of store {} is not used: {}",
            Image.shownId(image.image().id()),
            folder,
            e.getMessage());
      }
    }
    return new Contents(images, List.copyOf(layers.values()));
  }

  private static void verify(Path folder, StoredImage stored, Map<Digest, LayerRow> layers) {
    NewImage image = stored.image();
    for (Digest layer : image.diffIds()) {
      if (!layers.containsKey(layer)) {
        throw new ImageException.FailedPrecondition("layer " + layer + " is lost");
      }
    }
    byte[] bytes = ContentStore.readIn(folder, image.manifest().digest());
    ManifestDocument document = ManifestDocument.parse(bytes, image.manifest().mediaType());
    if (!(document instanceof Manifest manifest)
        || manifest.isImage() != (image.kind() == ImageRow.Kind.IMAGE)) {
      throw new ImageException.FailedPrecondition(
          "its manifest " + image.manifest().digest() + " is of something else");
    }
    for (Map.Entry<Digest, Long> blob : image.blobs().entrySet()) {
      verify(ContentStore.blobIn(folder, blob.getKey()), blob.getValue());
    }
    if (manifest.isImage()) {
      byte[] config = ContentStore.readIn(folder, image.id());
      if (!manifest.config().digest().equals(image.id())
          || !ImageConfigFile.parse(config, manifest).diffIds().equals(image.diffIds())) {
        throw new ImageException.FailedPrecondition(
            "its layers are not those of its configuration");
      }
    } else if (!image.id().equals(image.manifest().digest())) {
      throw new ImageException.FailedPrecondition("its id is not that of its manifest");
    }
    if (stored.hasFixup() && !Files.isDirectory(FixupStore.inStore(folder, image.id()))) {
      throw new ImageException.FailedPrecondition("its fixup is lost");
    }
  }

  private static void verify(Path blob, long size) {
    try {
      if (Files.size(blob) == size) {
        return;
      }
    } catch (IOException e) {
      throw new ImageException.FailedPrecondition("blob " + blob + ": " + e, e);
    }
    throw new ImageException.FailedPrecondition("blob " + blob + " has another size");
  }
}
