package io.crij.image.catalog;

import io.crij.cri.v1.FilesystemIdentifier;
import io.crij.cri.v1.FilesystemUsage;
import io.crij.cri.v1.ImageFsInfoRequest;
import io.crij.cri.v1.ImageFsInfoResponse;
import io.crij.cri.v1.UInt64Value;
import io.crij.image.ImageException;
import io.crij.image.records.ImageRecords;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * What images and containers take on the disk. Nothing is walked: images are summed up from their
 * records, and for the writable layers of containers, which nobody counts, stands what is used of
 * the file system they are on.
 */
public final class ImageFsInfo {
  private final ImageRecords records;
  private final Path root;
  private final Clock clock;

  public ImageFsInfo(ImageRecords records, Path root, Clock clock) {
    this.records = records;
    this.root = root;
    this.clock = clock;
  }

  public ImageFsInfoResponse imageFsInfo(ImageFsInfoRequest request) {
    Instant now = clock.instant();
    long nanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    FilesystemUsage.Builder at =
        FilesystemUsage.newBuilder()
            .setTimestamp(nanos)
            .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(root.toString()));
    ImageRecords.Usage images = records.usage();
    return ImageFsInfoResponse.newBuilder()
        .addImageFilesystems(
            at.clone().setUsedBytes(value(images.bytes())).setInodesUsed(value(images.inodes())))
        .addContainerFilesystems(at.clone().setUsedBytes(value(usedOfFileSystem())))
        .build();
  }

  private long usedOfFileSystem() {
    try {
      FileStore disk = Files.getFileStore(root);
      return disk.getTotalSpace() - disk.getUnallocatedSpace();
    } catch (IOException e) {
      throw new ImageException.Internal("read usage of " + root + ": " + e.getMessage(), e);
    }
  }

  private static UInt64Value value(long value) {
    return UInt64Value.newBuilder().setValue(value).build();
  }
}
