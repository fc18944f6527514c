package io.crij.image.unpack;

import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A layer as it is served: hashed and counted before it is inflated. */
final class CompressedLayer implements AutoCloseable {
  private static final int GZIP_MAGIC = 0x1f8b;
  private static final int ZSTD_MAGIC = 0x28b5;

  private final Descriptor descriptor;
  private final Counted counted;
  private final InputStream inflated;

  CompressedLayer(Descriptor descriptor, InputStream blob) throws IOException {
    this.descriptor = descriptor;
    this.counted = new Counted(blob, descriptor);
    this.inflated = inflate(counted);
  }

  /** Refuses what cannot be a layer here, before anything is fetched. */
  static void check(Descriptor layer) {
    String type = layer.mediaType();
    if (type.contains("encrypted")) {
      throw new ImageException.Unimplemented("layer " + layer.digest() + " is encrypted");
    }
    boolean known =
        type.equals(MediaType.OCI_LAYER)
            || type.equals(MediaType.OCI_LAYER_GZIP)
            || type.equals(MediaType.DOCKER_LAYER)
            || type.equals(MediaType.DOCKER_LAYER_GZIP);
    if (!known) {
      throw new ImageException.Unimplemented(
          "layer " + layer.digest() + " has the unsupported media type " + type);
    }
  }

  private static InputStream inflate(InputStream in) throws IOException {
    // The bytes decide, as with all readers: images exist whose media type is wrong.
    BufferedInputStream buffered = new BufferedInputStream(in, 64 * 1024);
    buffered.mark(2);
    int magic = (buffered.read() << 8) | buffered.read();
    buffered.reset();
    if (magic == ZSTD_MAGIC) {
      throw new ImageException.Unimplemented("layer is compressed by zstd");
    }
    return magic == GZIP_MAGIC ? new GzipInputStream(buffered) : buffered;
  }

  /** Reads inflated bytes, as many as there are up to the array's length; -1 at the end. */
  int read(byte[] buffer) throws IOException {
    int n = inflated.readNBytes(buffer, 0, buffer.length);
    return n == 0 ? -1 : n;
  }

  long compressedBytes() {
    return counted.count;
  }

  /**
   * Compares size and digest with the descriptor, once all has been read.
   *
   * @throws ImageException.FailedPrecondition when they differ
   */
  void verify() throws IOException {
    counted.skipToEnd();
    Digest actual = counted.hasher.finish();
    if (counted.count != descriptor.size() || !actual.equals(descriptor.digest())) {
      throw new ImageException.FailedPrecondition(
          "layer %s of %d bytes came as %s of %d bytes"
              .formatted(descriptor.digest(), descriptor.size(), actual, counted.count));
    }
  }

  @Override
  public void close() throws IOException {
    inflated.close();
  }

  private static final class Counted extends FilterInputStream {
    private final Digest.Hasher hasher;
    private final long most;
    private long count;

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
