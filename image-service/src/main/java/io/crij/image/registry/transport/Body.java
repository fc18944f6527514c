package io.crij.image.registry.transport;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a request sends; it may be sent more than once.
 *
 * @param taken how many bytes of it the network has taken so far
 */
public record Body(BodyPublisher bytes, String mediaType, AtomicLong taken) {
  /** Opens what is to be sent. */
  @FunctionalInterface
  public interface Source {
    InputStream open() throws IOException;
  }

  /** A short one. */
  public static Body of(byte[] bytes, String mediaType) {
    return new Body(BodyPublishers.ofByteArray(bytes), mediaType, new AtomicLong());
  }

  /**
   * A long one.
   *
   * @param length how many bytes of the source are sent
   */
  public static Body of(Source source, long length, String mediaType) {
    if (length == 0) {
      return of(new byte[0], mediaType);
    }
    AtomicLong taken = new AtomicLong();
    BodyPublisher stream = BodyPublishers.ofInputStream(() -> open(source, length, taken));
    return new Body(BodyPublishers.fromPublisher(stream, length), mediaType, taken);
  }

  private static InputStream open(Source source, long length, AtomicLong taken) {
    try {
      return new Part(source.open(), length, taken);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first bytes of a stream, counted as they are taken. */
  private static final class Part extends FilterInputStream {
    private final AtomicLong taken;
    private long left;

    Part(InputStream in, long length, AtomicLong taken) {
      super(in);
      this.left = length;
      this.taken = taken;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
      if (left == 0) {
        return -1;
      }
      int n = super.read(target, offset, (int) Math.min(count, left));
      if (n > 0) {
        left -= n;
        taken.addAndGet(n);
      }
      return n;
    }
  }
}
