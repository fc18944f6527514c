package io.crij.image.usage;

import io.crij.cri.v1.FilesystemIdentifier;
import io.crij.cri.v1.FilesystemUsage;
import io.crij.cri.v1.ImageFsInfoRequest;
import io.crij.cri.v1.ImageFsInfoResponse;
import io.crij.cri.v1.UInt64Value;
import io.crij.image.records.ContentRecords;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What images and containers take on their disks. Nothing is walked: images are summed up from
 * their records, and of writable layers the last count is told, with its time.
 */
public final class ImageFsInfo {
  private final ContentRecords records;
  private final WritableLayers writable;
  private final Path images;
  private final Path containers;
  private final Clock clock;

  /**
   * @param images where images are
   * @param containers where writable layers are; the same if there is one store for both
   */
  public ImageFsInfo(
      ContentRecords records, WritableLayers writable, Path images, Path containers, Clock clock) {
    this.records = records;
    this.writable = writable;
    this.images = images;
    this.containers = containers;
    this.clock = clock;
  }

  public ImageFsInfoResponse imageFsInfo(ImageFsInfoRequest request) {
    ContentRecords.Usage ofImages = records.usage();
    WritableLayers.Count ofContainers = writable.get();
    return ImageFsInfoResponse.newBuilder()
        .addImageFilesystems(usage(images, ofImages.bytes(), ofImages.inodes(), clock.instant()))
        .addContainerFilesystems(
            usage(containers, ofContainers.bytes(), ofContainers.inodes(), ofContainers.at()))
        .build();
  }

  /**
   * What the writable layers of some containers take, by their ids; without those that are gone, or
   * not counted yet.
   */
  public Map<String, FilesystemUsage> writableLayers(Collection<String> ids) {
    Map<String, WritableLayers.Count> counts = writable.counts(ids);
    Map<String, FilesystemUsage> usages = new HashMap<>();
    for (String id : ids) {
      WritableLayers.Count count = counts.get(id);
      if (count != null) {
        usages.put(id, usage(containers, count.bytes(), count.inodes(), count.at()));
      }
    }
    return usages;
  }

  private static FilesystemUsage usage(Path path, long bytes, long inodes, Instant at) {
    return FilesystemUsage.newBuilder()
        .setTimestamp(TimeUnit.SECONDS.toNanos(at.getEpochSecond()) + at.getNano())
        .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(path.toString()))
        .setUsedBytes(UInt64Value.newBuilder().setValue(bytes))
        .setInodesUsed(UInt64Value.newBuilder().setValue(inodes))
        .build();
  }
}
