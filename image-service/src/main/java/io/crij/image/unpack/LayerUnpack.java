package io.crij.image.unpack;

import io.crij.image.changeset.LayerContents;
import java.io.IOException;

/** Makes one layer of its archive. */
interface LayerUnpack extends AutoCloseable {
  /** Reads the archive to its end, on a thread that does nothing else, before or after. */
  LayerContents unpack(BlockStream archive) throws IOException;

  /** Whether the archive is there, or can be put together again, once it has been unpacked. */
  boolean hasArchive();

  /**
   * All is then on the disk. Called once it has been unpacked, on a thread that may do anything.
   */
  void finish() throws IOException;

  @Override
  void close();
}
