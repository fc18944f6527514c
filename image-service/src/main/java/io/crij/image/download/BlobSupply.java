package io.crij.image.download;

import io.crij.image.manifest.Descriptor;
import io.crij.image.progress.LayerProgress;
import io.crij.image.registry.ImageSource;
import java.io.IOException;

/** How the bytes of layers are had from a source. */
@FunctionalInterface
public interface BlobSupply {
  /** From a source at hand: nothing is gained by keeping what came. */
  BlobSupply LOCAL =
      (source, layer, progress) -> PassedBlob.open(source, layer, progress, () -> {});

  /**
   * Opens a blob. Reading blocks; an interrupt ends it.
   *
   * @param progress is told what comes
   */
  OpenBlob open(ImageSource source, Descriptor layer, LayerProgress progress)
      throws IOException, InterruptedException;
}
