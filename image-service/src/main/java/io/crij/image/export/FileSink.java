package io.crij.image.export;

import java.io.IOException;
import java.io.InputStream;

/** Where the files of an export go, each under its path. */
interface FileSink extends AutoCloseable {
  /**
   * Writes one file; one whose path is there already is left out.
   *
   * @param path relative, of ASCII letters, digits, {@code /}, {@code .}, {@code -}
   * @param content of exactly {@code sizeBytes}; closed by the caller
   */
  void file(String path, long sizeBytes, InputStream content) throws IOException;

  /** Ends it, on the disk. */
  void finish() throws IOException;

  @Override
  void close() throws IOException;
}
