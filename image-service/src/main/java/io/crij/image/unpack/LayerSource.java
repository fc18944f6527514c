package io.crij.image.unpack;

import io.crij.image.manifest.Descriptor;
import io.crij.image.name.Digest;
import java.io.InputStream;
import java.util.function.Supplier;

/**
 * Where a layer that is not there yet comes from.
 *
 * @param diffId what it must be when uncompressed
 * @param descriptor what it must be as it comes
 * @param blob opens it
 */
public record LayerSource(Digest diffId, Descriptor descriptor, Supplier<InputStream> blob) {
  public LayerSource {
    CompressedLayer.check(descriptor);
  }
}
