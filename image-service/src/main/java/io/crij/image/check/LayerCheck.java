package io.crij.image.check;

import io.crij.image.archive.LayerArchives;
import io.crij.image.layer.LayerStore;
import io.crij.image.name.Digest;
import io.crij.image.records.LayerRow;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Looks whether a layer's files are what they were made as. */
public final class LayerCheck {
  private final LayerStore layers;
  private final LayerArchives archives;

  public LayerCheck(LayerStore layers, LayerArchives archives) {
    this.layers = layers;
    this.archives = archives;
  }

  /**
   * Null when nothing is wrong with it, as far as its archive can be had.
   *
   * @param quick whether nothing of it is read
   */
  @Nullable String problem(LayerRow layer, boolean quick) {
    if (!layers.get(layer).isWhole(layer)) {
      return "its files are lost";
    }
    if (quick || !archives.isThere(layer.diffId())) {
      return null;
    }
    Digest.Hasher hasher = layer.diffId().hasher();
    byte[] block = new byte[1 << 16];
    try (InputStream archive = archives.open(layer.diffId())) {
      for (int n = archive.read(block, 0, block.length);
          n >= 0;
          n = archive.read(block, 0, block.length)) {
        hasher.update(block, 0, n);
      }
    } catch (IOException e) {
      return "damaged: " + e.getMessage();
    }
    return hasher.finish().equals(layer.diffId()) ? null : "damaged";
  }
}
