package io.crij.image.registry;

import java.io.IOException;
import java.io.InputStream;

/** The bytes of a blob that is pushed, which may be asked for several times. */
@FunctionalInterface
public interface BlobContent {
  /** All from this byte on. */
  InputStream from(long offset) throws IOException;
}
