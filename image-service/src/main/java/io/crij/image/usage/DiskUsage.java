package io.crij.image.usage;

import io.crij.admin.v1.DiskUsageRequest;
import io.crij.admin.v1.DiskUsageResponse;
import io.crij.admin.v1.KeepingImage;
import io.crij.admin.v1.StoredPart;
import io.crij.admin.v1.StoredPart.Kind;
import io.crij.image.ImageException;
import io.crij.image.content.Ingest;
import io.crij.image.name.Digest;
import io.crij.image.records.ContentRecords;
import io.crij.image.records.Image;
import io.crij.image.records.ImageRecords;
import io.crij.image.records.ImageRow;
import io.crij.image.records.LayerRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is on the disks, piece by piece, and who keeps each: what people ask when a disk is full.
 * Layers are told by their records and writable layers by their last count; the rest, which is
 * small or passes, is looked at.
 */
public final class DiskUsage {
  private final Records records;
  private final Stores stores;

  /** What is recorded. */
  public record Records(ImageRecords images, ContentRecords content, LayerRecords layers) {}

  /**
   * What is on the disks.
   *
   * @param images the folder of the image store
   * @param root the folder of writable layers
   * @param partAge how long a blob is kept that no image has
   */
  public record Stores(
      Path images, Path root, Ingest parts, WritableLayers writable, Duration partAge) {}

  public DiskUsage(Records records, Stores stores) {
    this.records = records;
    this.stores = stores;
  }

  /** Lists all of it. What changes meanwhile is told as it was or as it became. */
  public DiskUsageResponse diskUsage(DiskUsageRequest request) {
    DiskUsageResponse.Builder usage = DiskUsageResponse.newBuilder();
    try {
      addLayers(usage);
      addBlobs(usage);
      addFixups(usage);
      addIngest(usage);
    } catch (IOException e) {
      throw new ImageException.Internal("look at " + stores.images() + ": " + e.getMessage(), e);
    }
    for (Path folder : new HashSet<>(List.of(stores.images(), stores.root()))) {
      each(folder, "trash")
          .forEach((path, bytes) -> usage.addParts(part(path, bytes, Kind.KIND_TRASH)));
    }
    stores
        .writable()
        .counts(List.of())
        .forEach((container, count) ->
            usage.addParts(
                part("containers/" + container, count.bytes(), Kind.KIND_WRITABLE_LAYER)
                    .setContainer(container)));
    addImages(usage);
    return usage.build();
  }

  private void addLayers(DiskUsageResponse.Builder usage) {
    for (LayerRecords.Kept kept : records.layers().kept()) {
      StoredPart.Builder part =
          part("layers/" + kept.layer().diffId().hex(), kept.layer().diskBytes(), Kind.KIND_LAYER)
              .addAllImages(shown(kept.images()));
      if (kept.images().isEmpty()) {
        part.setKeptUntilSeconds(kept.until().getEpochSecond());
      }
      usage.addParts(part);
    }
  }

  private void addBlobs(DiskUsageResponse.Builder usage) throws IOException {
    Map<String, List<String>> owners = new HashMap<>();
    records
        .content()
        .owners()
        .forEach((blob, images) -> owners.put(blobs(blob.algorithm()) + "/" + blob.hex(), images));
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      for (Map.Entry<String, Long> blob : each(stores.images(), blobs(algorithm)).entrySet()) {
        List<String> images = owners.getOrDefault(blob.getKey(), List.of());
        StoredPart.Builder part = part(blob.getKey(), blob.getValue(), Kind.KIND_BLOB);
        usage.addParts(
            images.isEmpty()
                ? part.setKeptUntilSeconds(comesOfAge(blob.getKey()).getEpochSecond())
                : part.addAllImages(shown(images)));
      }
    }
  }

  private static String blobs(Digest.Algorithm algorithm) {
    return "content/blobs/" + algorithm.label();
  }

  private Instant comesOfAge(String blob) throws IOException {
    Path path = stores.images().resolve(blob);
    return Files.exists(path)
        ? Files.getLastModifiedTime(path).toInstant().plus(stores.partAge())
        : Instant.EPOCH;
  }

  private void addFixups(DiskUsageResponse.Builder usage) {
    each(stores.images(), "fixups")
        .forEach((path, bytes) ->
            usage.addParts(part(path, bytes, Kind.KIND_FIXUP).addImages(lastName(path))));
  }

  private void addIngest(DiskUsageResponse.Builder usage) throws IOException {
    Map<String, Ingest.Waiting> waiting = stores.parts().waiting();
    each(stores.images(), "content/ingest")
        .forEach((path, bytes) -> {
          StoredPart.Builder part = part(path, bytes, Kind.KIND_PART);
          Ingest.Waiting known = waiting.get(lastName(path));
          if (known != null) {
            part.setPulledFor(known.owner());
            if (known.until() != null) {
              part.setKeptUntilSeconds(known.until().getEpochSecond());
            }
          }
          usage.addParts(part);
        });
  }

  private void addImages(DiskUsageResponse.Builder usage) {
    Set<String> keeping = new HashSet<>();
    usage.getPartsList().forEach(part -> keeping.addAll(part.getImagesList()));
    for (ImageRow image : records.images().list()) {
      String id = Image.shownId(image.id());
      if (keeping.contains(id)) {
        usage.addImages(
            KeepingImage.newBuilder()
                .setId(id)
                .addAllRepoTags(image.repoTags())
                .addAllRepoDigests(image.repoDigests()));
      }
    }
  }

  /** What is in a folder of a store, by its path below the store, with its bytes on the disk. */
  private static Map<String, Long> each(Path store, String folder) {
    Map<String, Long> bytes = new TreeMap<>();
    TreeUsage.ofEach(store.resolve(folder))
        .forEach((name, usage) -> bytes.put(folder + "/" + name, usage.bytes()));
    return bytes;
  }

  private static StoredPart.Builder part(String path, long bytes, Kind kind) {
    return StoredPart.newBuilder().setPath(path).setBytes(bytes).setKind(kind);
  }

  private static String lastName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static List<String> shown(List<String> ids) {
    return ids.stream().map(id -> Image.shownId(Digest.parse(id))).toList();
  }
}
