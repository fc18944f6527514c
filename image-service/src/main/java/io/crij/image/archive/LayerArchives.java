package io.crij.image.archive;

import io.crij.image.ImageException;
import io.crij.image.layer.Layer;
import io.crij.image.layer.LayerStore;
import io.crij.image.name.Digest;
import io.crij.image.records.LayerRecords;
import io.crij.image.records.LayerRow;
import io.crij.linux.LinuxException;
import java.io.IOException;
import java.io.InputStream;

/** Gives the archives of committed layers, uncompressed and byte for byte. */
public final class LayerArchives {
  private final LayerStore layers;
  private final LayerRecords records;

  public LayerArchives(LayerStore layers, LayerRecords records) {
    this.layers = layers;
    this.records = records;
  }

  /** What is recorded of a layer; it must be whole. */
  public LayerRow row(Digest diffId) {
    LayerRow row = records.find(diffId);
    if (row == null) {
      throw new ImageException.FailedPrecondition("layer " + diffId + " is not whole");
    }
    return row;
  }

  /** Whether the archive can be had: a few that were unpacked cannot be put together again. */
  public boolean isThere(Digest diffId) {
    LayerRow row = records.find(diffId);
    return row != null && layers.get(row).hasArchive();
  }

  /**
   * The archive as a stream, not checked.
   *
   * @throws ImageException.FailedPrecondition when it cannot be had
   */
  public InputStream open(Digest diffId) throws IOException {
    Layer layer = layers.get(row(diffId));
    if (!layer.hasArchive()) {
      throw new ImageException.FailedPrecondition(
          "the archive of layer " + diffId + " cannot be put together again");
    }
    try {
      return layer.archive();
    } catch (LinuxException e) {
      throw new IOException("open layer " + diffId + ": " + e.getMessage(), e);
    }
  }
}
