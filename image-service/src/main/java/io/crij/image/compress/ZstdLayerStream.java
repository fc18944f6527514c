package io.crij.image.compress;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.crij.image.ImageException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Decompresses zstd (RFC 8878), frame after frame to the end of the stream. */
final class ZstdLayerStream extends FilterInputStream {
  /**
   * The most memory that a frame may ask for, as a power of two: 128 MiB, what {@code zstd} itself
   * takes without being told to.
   */
  private static final int MOST_WINDOW_LOG = 27;

  ZstdLayerStream(InputStream in) throws IOException {
    super(open(in));
  }

  private static InputStream open(InputStream in) throws IOException {
    return new ZstdInputStreamNoFinalizer(in).setLongMax(MOST_WINDOW_LOG);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    try {
      return in.read(buffer, offset, length);
    } catch (ZstdIOException e) {
      throw new ImageException.FailedPrecondition("damaged zstd stream: " + e.getMessage(), e);
    }
  }
}
