package io.crij.image.archive;

import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.name.Digest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Fails at its end when the bytes were not those described. */
public final class VerifiedStream extends FilterInputStream {
  private final Descriptor descriptor;
  private final Digest.Hasher hasher;
  private long total;
  private boolean ended;

  public VerifiedStream(InputStream in, Descriptor descriptor) {
    super(in);
    this.descriptor = descriptor;
    this.hasher = descriptor.digest().hasher();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int n = in.read(target, offset, length);
    if (n > 0) {
      hasher.update(target, offset, n);
      total += n;
    } else if (n < 0 && !ended) {
      ended = true;
      if (total != descriptor.size() || !hasher.finish().equals(descriptor.digest())) {
        throw new ImageException.FailedPrecondition(
            descriptor.digest() + " is damaged on this node: crij image check --repair heals it");
      }
    }
    return n;
  }

  @Override
  public long skip(long count) throws IOException {
    return 0;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
