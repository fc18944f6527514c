package io.crij.image.download;

import io.crij.image.content.BlobPart;
import io.crij.image.content.Ingest;
import io.crij.image.disk.DiskFailure;
import io.crij.image.manifest.Descriptor;
import io.crij.image.progress.LayerProgress;
import io.crij.image.registry.ImageSource;
import io.crij.image.work.Slots;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** All downloads of layers of this node. */
public final class BlobDownloads {
  /** From here on it is worth a file: to come again costs more than to write it down. */
  private static final long LARGE_BYTES = 4 << 20;

  private final Ingest ingest;
  private final Slots connections;

  /**
   * @param most connections that bring layers at the same time
   */
  public BlobDownloads(Ingest ingest, int most) {
    this.ingest = ingest;
    this.connections = new Slots(most);
  }

  /**
   * The way blobs come for an image.
   *
   * @param owner its name, noted beside what comes
   */
  public BlobSupply of(String owner) {
    return (source, layer, progress) -> open(source, layer, progress, owner);
  }

  private OpenBlob open(ImageSource source, Descriptor layer, LayerProgress progress, String owner)
      throws IOException, InterruptedException {
    Slots.Slot slot = connections.acquire(progress::priority);
    boolean opened = false;
    try {
      BlobPart part = layer.size() < LARGE_BYTES ? null : take(layer, owner);
      OpenBlob blob =
          part == null
              ? PassedBlob.open(source, layer, progress, slot::close)
              : BlobDownload.start(
                  new BlobDownload.Order(source, layer, progress), part, connections, slot);
      opened = true;
      return blob;
    } finally {
      if (!opened) {
        slot.close();
      }
    }
  }

  private @Nullable BlobPart take(Descriptor layer, String owner) {
    try {
      return ingest.take(layer, owner);
    } catch (IOException e) {
      throw DiskFailure.of("download of " + layer.digest(), e);
    }
  }
}
