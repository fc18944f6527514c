package io.crij.image.compress;

import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.Set;

/** A layer as it is served: hashed and counted before it is decompressed. */
public final class CompressedLayer implements AutoCloseable {
  private static final Set<String> KNOWN =
      Set.of(
          MediaType.OCI_LAYER,
          MediaType.OCI_LAYER_GZIP,
          MediaType.OCI_LAYER_ZSTD,
          MediaType.DOCKER_LAYER,
          MediaType.DOCKER_LAYER_GZIP,
          MediaType.DOCKER_LAYER_ZSTD);

  private static final int MAGIC_BYTES = 4;
  private static final int GZIP_MAGIC = 0x8b1f;
  private static final int ZSTD_MAGIC = 0xfd2fb528;
  // A frame to be skipped, which some writers begin with: any of 16 numbers.
  private static final int ZSTD_SKIPPABLE = 0x184d2a50;

  private final Descriptor descriptor;
  private final LayerBlob blob;
  private final Counted counted;
  private final InputStream archive;

  /** Opens the blob. Nothing read from it is to be trusted before {@link #verify}. */
  public CompressedLayer(Descriptor descriptor, LayerBlob blob) throws IOException {
    this.descriptor = descriptor;
    this.blob = blob;
    this.counted = new Counted(blob.open(), descriptor);
    boolean opened = false;
    try {
      this.archive = decompress();
      opened = true;
    } finally {
      if (!opened) {
        counted.close();
      }
    }
  }

  /** Refuses what cannot be a layer here, before anything is fetched. */
  public static void check(Descriptor layer) {
    String type = layer.mediaType();
    if (type.contains("encrypted")) {
      throw new ImageException.Unimplemented("layer " + layer.digest() + " is encrypted");
    }
    if (!KNOWN.contains(type)) {
      throw new ImageException.Unimplemented(
          "layer " + layer.digest() + " has the unsupported media type " + type);
    }
  }

  private InputStream decompress() throws IOException {
    // The bytes decide, as with all readers: images exist whose media type is wrong.
    PushbackInputStream whole = new PushbackInputStream(counted, MAGIC_BYTES);
    byte[] first = new byte[MAGIC_BYTES];
    int there = whole.readNBytes(first, 0, MAGIC_BYTES);
    whole.unread(first, 0, there);
    int magic = 0;
    for (int i = 0; i < there; i++) {
      magic |= (first[i] & 0xff) << (Byte.SIZE * i);
    }
    try {
      if ((magic & 0xffff) == GZIP_MAGIC) {
        return new GzipInputStream(whole);
      }
      boolean zstd = magic == ZSTD_MAGIC || (magic & ~0xf) == ZSTD_SKIPPABLE;
      return zstd ? new ZstdLayerStream(whole) : whole;
    } catch (ImageException.FailedPrecondition e) {
      throw blame(e);
    }
  }

  /** Reads bytes of the archive, as many as there are up to the array's length; -1 at the end. */
  public int read(byte[] buffer) throws IOException {
    try {
      int n = archive.readNBytes(buffer, 0, buffer.length);
      return n == 0 ? -1 : n;
    } catch (ImageException.FailedPrecondition e) {
      throw blame(e);
    }
  }

  public long compressedBytes() {
    return counted.count;
  }

  /**
   * Compares size and digest with the descriptor, once all has been read.
   *
   * @throws ImageException.FailedPrecondition when they differ
   */
  public void verify() throws IOException {
    counted.skipToEnd();
    Digest actual = counted.hasher.finish();
    if (counted.count != descriptor.size() || !actual.equals(descriptor.digest())) {
      blob.wasWrong();
      throw new ImageException.FailedPrecondition(
          "layer %s of %d bytes came as %s of %d bytes"
              .formatted(descriptor.digest(), descriptor.size(), actual, counted.count));
    }
  }

  /** The bytes cannot be what they should: because they came wrong, or are so. */
  private ImageException.FailedPrecondition blame(ImageException.FailedPrecondition damage)
      throws IOException {
    if (!counted.tooLong) {
      verify();
    }
    return damage;
  }

  @Override
  public void close() throws IOException {
    archive.close();
  }

  private final class Counted extends FilterInputStream {
    private final Digest.Hasher hasher;
    private final long most;
    private long count;
    private boolean tooLong;

    Counted(InputStream in, Descriptor descriptor) {
      super(in);
      this.hasher = descriptor.digest().hasher();
      this.most = descriptor.size();
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int n = super.read(buffer, offset, length);
      if (n > 0) {
        hasher.update(buffer, offset, n);
        count += n;
        if (count > most) {
          tooLong = true;
          blob.wasWrong();
          throw new ImageException.FailedPrecondition(
              "layer is longer than the " + most + " bytes of its descriptor");
        }
      }
      return n;
    }

    @Override
    public long skip(long n) {
      throw new UnsupportedOperationException("all bytes are hashed");
    }

    @Override
    public boolean markSupported() {
      return false;
    }

    void skipToEnd() throws IOException {
      byte[] rest = new byte[8192];
      while (read(rest, 0, rest.length) >= 0) {
        // Counted and hashed by read.
      }
    }
  }
}
