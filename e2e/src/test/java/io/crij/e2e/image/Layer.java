package io.crij.e2e.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.GZIPOutputStream;

/**
 * A layer as it is stored, compressed.
 *
 * @param diffId digest of its tar
 */
record Layer(Blob blob, String diffId) {
  static Layer of(Tar tar) throws IOException {
    byte[] bytes = tar.bytes();
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(bytes);
    }
    Blob blob = new Blob("application/vnd.oci.image.layer.v1.tar+gzip", compressed.toByteArray());
    return new Layer(blob, Blob.digest(bytes));
  }
}
