package io.crij.image.compress;

import java.io.InputStream;

/** A layer's bytes as they are served. */
@FunctionalInterface
public interface LayerBlob {
  /**
   * Opens it, once.
   *
   * @throws io.crij.image.ImageException when it cannot be had, also from the stream
   */
  InputStream open();

  /** Told when what came has another size or digest than the descriptor says. */
  default void wasWrong() {}
}
