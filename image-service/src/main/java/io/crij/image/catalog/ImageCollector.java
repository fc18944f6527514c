package io.crij.image.catalog;

import io.crij.image.ImageException;
import io.crij.image.additional.AdditionalStores;
import io.crij.image.content.ArtifactTrees;
import io.crij.image.content.ContentStore;
import io.crij.image.disk.DiskFailure;
import io.crij.image.disk.DiskReserve;
import io.crij.image.layer.FixupStore;
import io.crij.image.layer.Layer;
import io.crij.image.layer.LayerStore;
import io.crij.image.name.Digest;
import io.crij.image.records.AdditionalRecords;
import io.crij.image.records.ContentRecords;
import io.crij.image.records.ImageRecords;
import io.crij.image.records.NewImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Commits images, and takes away what no image needs any more. What an image needs is stored before
 * the image is recorded; the lock keeps it from being taken for unused in between.
 */
public final class ImageCollector implements AutoCloseable {
  private final ImageRecords records;
  private final ContentRecords contentRecords;
  private final AdditionalStores additional;
  private final ContentStore content;
  private final LayerStore layers;
  private final FixupStore fixups;
  private final ArtifactTrees artifacts;
  private final Duration partAge;
  private final ContentIndex index;
  private final DiskReserve reserve;
  private final ReentrantReadWriteLock collecting = new ReentrantReadWriteLock();

  /** Blobs that pulls under way have, or are to get, each with the number of these pulls. */
  private final Map<Digest, Integer> held = new ConcurrentHashMap<>();

  /** What images are made of. */
  public record Stores(
      ContentStore content,
      LayerStore layers,
      FixupStore fixups,
      ArtifactTrees artifacts,
      AdditionalStores additional) {}

  /** What is recorded of them. */
  public record Records(ImageRecords images, ContentRecords content, AdditionalRecords contents) {}

  /**
   * @param partAge how long a blob is kept that no image has
   */
  public ImageCollector(Records records, Stores stores, DiskReserve reserve, Duration partAge) {
    this.records = records.images();
    this.contentRecords = records.content();
    this.additional = stores.additional();
    this.content = stores.content();
    this.layers = stores.layers();
    this.fixups = stores.fixups();
    this.artifacts = stores.artifacts();
    this.partAge = partAge;
    this.reserve = reserve;
    this.index = new ContentIndex(records.images(), records.contents(), content);
  }

  /**
   * Stores an image's blobs, makes its correction if it needs one, then records it. Its layers must
   * be held by a lease.
   */
  public void commit(NewImage image, Map<Digest, byte[]> blobs, NewImage.Names names) {
    List<Layer> made = layers.get(image.diffIds().stream().distinct().toList());
    collecting.readLock().lock();
    try {
      for (Map.Entry<Digest, byte[]> blob : blobs.entrySet()) {
        content.put(blob.getKey(), blob.getValue());
      }
      records.commit(image, fixups.make(image.id(), made), names);
    } catch (IOException e) {
      throw DiskFailure.of("store image " + image.id(), e);
    } finally {
      collecting.readLock().unlock();
    }
    index.changed();
  }

  /** Keeps blobs, those that come too, until it is closed. */
  public Hold hold(Set<Digest> blobs) {
    Set<Digest> copy = Set.copyOf(blobs);
    copy.forEach(blob -> held.merge(blob, 1, Integer::sum));
    return () ->
        copy.forEach(
            blob -> held.computeIfPresent(blob, (_, count) -> count == 1 ? null : count - 1));
  }

  /** A hold on blobs. */
  @FunctionalInterface
  public interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Stores an artifact's documents and gives its files their names, then records it. Its blobs are
   * there and held.
   */
  public void commitArtifact(
      NewImage artifact,
      Map<Digest, byte[]> documents,
      Map<String, Digest> files,
      NewImage.Names names) {
    collecting.readLock().lock();
    try {
      for (Map.Entry<Digest, byte[]> document : documents.entrySet()) {
        content.put(document.getKey(), document.getValue());
      }
      Path _ = artifacts.make(artifact.id(), files);
      records.commit(artifact, false, names);
    } catch (IOException e) {
      throw new ImageException.Internal(
          "store artifact " + artifact.id() + ": " + e.getMessage(), e);
    } finally {
      collecting.readLock().unlock();
    }
    index.changed();
  }

  /**
   * Forgets an image and all its names.
   *
   * @return false when containers use it
   */
  public boolean remove(Digest image) {
    return reserve.runRemoval(() -> removeNow(image));
  }

  private boolean removeNow(Digest image) {
    Set<Digest> blobs = contentRecords.blobs(image);
    if (!records.remove(image)) {
      return false;
    }
    layers.collect();
    additional.record();
    collect(blobs);
    return true;
  }

  /** Takes away the blobs, layers and corrections of no image. */
  public void collect() {
    collect(Set.of());
  }

  private void collect(Set<Digest> released) {
    layers.collect();
    collecting.writeLock().lock();
    try {
      Set<Digest> kept = contentRecords.blobs();
      kept.addAll(held.keySet());
      content.retain(kept, released, partAge);
      artifacts.retain(contentRecords.artifacts());
      fixups.retain(contentRecords.withFixup());
    } catch (IOException e) {
      throw new ImageException.Internal("remove what no image needs: " + e.getMessage(), e);
    } finally {
      collecting.writeLock().unlock();
    }
    index.changed();
  }

  /** Writes what others read of the store. */
  @Override
  public void close() {
    index.close();
  }
}
