package io.crij.image.catalog;

import io.crij.image.ImageException;
import io.crij.image.content.ContentStore;
import io.crij.image.disk.DiskReserve;
import io.crij.image.layer.FixupStore;
import io.crij.image.layer.LayerStore;
import io.crij.image.name.Digest;
import io.crij.image.records.ImageRecords;
import io.crij.image.records.NewImage;
import io.crij.image.unpack.LayerFolder;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Commits images, and takes away what no image needs any more. What an image needs is stored before
 * the image is recorded; the lock keeps it from being taken for unused in between.
 */
public final class ImageCollector {
  private final ImageRecords records;
  private final ContentStore content;
  private final LayerStore layers;
  private final FixupStore fixups;
  private final ContentIndex index;
  private final DiskReserve reserve;
  private final ReentrantReadWriteLock collecting = new ReentrantReadWriteLock();

  public ImageCollector(
      ImageRecords records,
      ContentStore content,
      LayerStore layers,
      FixupStore fixups,
      DiskReserve reserve) {
    this.records = records;
    this.content = content;
    this.layers = layers;
    this.fixups = fixups;
    this.reserve = reserve;
    this.index = new ContentIndex(records, content);
  }

  /**
   * Stores an image's blobs, makes its correction if it needs one, then records it. Its layers must
   * be held by a lease.
   */
  public void commit(NewImage image, Map<Digest, byte[]> blobs, NewImage.Names names) {
    List<LayerFolder> folders = image.diffIds().stream().distinct().map(layers::folder).toList();
    collecting.readLock().lock();
    try {
      for (Map.Entry<Digest, byte[]> blob : blobs.entrySet()) {
        content.put(blob.getKey(), blob.getValue());
      }
      records.commit(image, fixups.make(image.id(), folders), names);
    } catch (IOException e) {
      throw new ImageException.Internal("store image " + image.id() + ": " + e.getMessage(), e);
    } finally {
      collecting.readLock().unlock();
    }
    index.write();
  }

  /**
   * Forgets an image and all its names.
   *
   * @return false when containers use it
   */
  boolean remove(Digest image) {
    return reserve.runRemoval(() -> removeNow(image));
  }

  private boolean removeNow(Digest image) {
    if (!records.remove(image)) {
      return false;
    }
    collect();
    return true;
  }

  /** Takes away the blobs, layers and corrections of no image. */
  public void collect() {
    layers.collect();
    collecting.writeLock().lock();
    try {
      content.retain(records.blobs());
      fixups.retain(records.withFixup());
    } catch (IOException e) {
      throw new ImageException.Internal("remove what no image needs: " + e.getMessage(), e);
    } finally {
      collecting.writeLock().unlock();
    }
    index.write();
  }
}
