package io.crij.image.unpack;

import io.crij.image.compress.CompressedLayer;
import io.crij.image.compress.LayerBlob;
import io.crij.image.manifest.Descriptor;
import io.crij.image.name.Digest;
import io.crij.image.progress.LayerProgress;

/**
 * Where a layer that is not there yet comes from.
 *
 * @param diffId what it must be when uncompressed
 * @param descriptor what it must be as it comes
 * @param progress told what becomes of it
 */
public record LayerSource(
    Digest diffId, Descriptor descriptor, LayerBlob blob, LayerProgress progress) {
  public LayerSource {
    CompressedLayer.check(descriptor);
  }

  /** One that nobody watches. */
  public LayerSource(Digest diffId, Descriptor descriptor, LayerBlob blob) {
    this(diffId, descriptor, blob, new LayerProgress());
  }
}
