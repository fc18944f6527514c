package io.crij.image.export;

import io.crij.image.archive.VerifiedStream;
import io.crij.image.disk.DiskFailure;
import io.crij.image.export.StoredImage.Blob;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import io.crij.image.records.LayerRow;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * Layers as the blobs that are given away: archives, or archives compressed by gzip. The store does
 * not keep compressed ones, so these are made here, each once, and are gone when this is closed.
 * The same archive always becomes the same bytes.
 */
final class LayerBlobs implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final StoredImage.Stores stores;
  private final boolean compressed;
  private final Map<Digest, Blob> made = new HashMap<>();
  private final List<UnnamedFile> files = new ArrayList<>();

  LayerBlobs(StoredImage.Stores stores, boolean compressed) {
    this.stores = stores;
    this.compressed = compressed;
  }

  Blob blob(Digest diffId) {
    Blob blob = made.get(diffId);
    if (blob == null) {
      LayerRow layer = stores.layers().row(diffId);
      Descriptor archive = new Descriptor(MediaType.OCI_LAYER, diffId, layer.archiveBytes());
      blob = compressed ? compress(archive) : new Blob(archive, () -> stores.layers().open(diffId));
      made.put(diffId, blob);
    }
    return blob;
  }

  private Blob compress(Descriptor archive) {
    try {
      UnnamedFile file = UnnamedFile.in(stores.content().ingest());
      files.add(file);
      try (InputStream in = new VerifiedStream(stores.layers().open(archive.digest()), archive);
          OutputStream gzip = new GZIPOutputStream(file.end(), BUFFER_BYTES)) {
        in.transferTo(gzip);
      }
      return new Blob(
          new Descriptor(MediaType.OCI_LAYER_GZIP, file.digest(), file.sizeBytes()), file::bytes);
    } catch (IOException e) {
      throw DiskFailure.of("compress layer " + archive.digest(), e);
    }
  }

  @Override
  public void close() throws IOException {
    for (UnnamedFile file : files) {
      file.close();
    }
  }
}
