package io.crij.image.unpack;

import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Makes layers of archives, as a pull would. */
public final class TestLayers {
  private TestLayers() {}

  public static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  public static LayerSource source(byte[] tar) {
    byte[] blob = gzip(tar);
    return source(Digest.sha256(tar), blob);
  }

  public static LayerSource source(Digest diffId, byte[] blob) {
    Descriptor descriptor =
        new Descriptor(MediaType.OCI_LAYER_GZIP, Digest.sha256(blob), blob.length);
    return new LayerSource(diffId, descriptor, () -> new ByteArrayInputStream(blob));
  }

  /** Unpacks an archive into a new folder and returns that of its files. */
  public static Path unpack(byte[] tar, Path folder) throws Exception {
    LayerFolder layer = new LayerFolder(Files.createDirectory(folder));
    new LayerMaker(source(tar), layer, UnpackLimits.DEFAULT).make();
    return layer.diff();
  }
}
