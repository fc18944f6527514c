package io.crij.image.registry;

import io.crij.image.ImageException;
import io.crij.image.registry.RemoteBlob.Source;
import io.crij.image.registry.session.HostFailure;
import io.crij.image.registry.transport.RefusedException;
import io.crij.image.registry.transport.Reply;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A blob, or a part of one, as it comes from a registry, exactly as long as its descriptor says.
 * When a host breaks off, another takes over at the same byte: content is addressed by digest, so
 * it is the same everywhere.
 */
final class BlobStream extends InputStream {
  /** How far a download must come for a further interruption to be forgiven. */
  private static final long REAL_PROGRESS = 1 << 20;

  private static final int MOST_INTERRUPTIONS = 5;

  private final RemoteBlob blob;
  private final long end;
  private final Consumer<String> troubles;

  private long offset;
  private long lastInterruption;
  private int interruptions;
  private volatile boolean closed;
  private @Nullable Source source;

  /**
   * Asks for the blob at once, so that what is not there fails here.
   *
   * @param from the first byte wanted
   * @param to the byte behind the last
   * @param troubles told of each host that failed or broke off, and why
   */
  BlobStream(RemoteBlob blob, long from, long to, Consumer<String> troubles) {
    this.blob = blob;
    this.offset = from;
    this.lastInterruption = from;
    this.end = to;
    this.troubles = troubles;
    this.source = blob.open(from, to, troubles);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int from, int count) throws IOException {
    Objects.checkFromIndexSize(from, count, target.length);
    while (count > 0 && offset < end) {
      if (closed) {
        throw new IOException("closed");
      }
      Source now = source == null ? blob.open(offset, end, troubles) : source;
      source = now;
      int most = (int) Math.min(count, end - offset);
      try {
        int n = now.reply().body().read(target, from, most);
        if (n > 0) {
          offset += n;
          return n;
        }
        throw new EOFException("ended after " + offset + " of " + size() + " bytes");
      } catch (IOException e) {
        interruption(now, e);
      }
    }
    if (count > 0) {
      refuseMore();
    }
    return count == 0 ? 0 : -1;
  }

  private void interruption(Source broken, IOException cause) throws IOException {
    source = null;
    broken.reply().close();
    if (closed || Thread.currentThread().isInterrupted()) {
      throw cause;
    }
    HostFailure failure = HostFailure.of(cause);
    boolean progress = offset - lastInterruption >= REAL_PROGRESS;
    interruptions = (progress ? 0 : interruptions) + failure.cost();
    lastInterruption = offset;
    if (interruptions > MOST_INTERRUPTIONS) {
      throw failure.toImageException(
          "cannot fetch %s: %s: %s (at byte %d of %d)"
              .formatted(blob.what(), broken.host(), failure.getMessage(), offset, size()));
    }
    blob.hosts().trouble(broken.host());
    troubles.accept(broken.host() + ": " + failure.getMessage());
    blob.hosts().pause(interruptions, blob.what());
  }

  private long size() {
    return blob.descriptor().size();
  }

  /** A longer blob is another blob: seen here only where the host did not say how long it is. */
  private void refuseMore() throws IOException {
    Source now = source;
    source = null;
    if (now == null) {
      return;
    }
    try (Reply reply = now.reply()) {
      if (end == size() && reply.length() < 0 && hasMore(reply.body())) {
        throw new ImageException.FailedPrecondition(
            "%s: %s sends more than the %d bytes of its descriptor"
                .formatted(blob.what(), now.host(), size()));
      }
    } catch (RefusedException e) {
      throw HostFailure.of(e).toImageException(blob.what() + ": " + e.getMessage());
    }
  }

  private static boolean hasMore(InputStream body) {
    try {
      return body.read() >= 0;
    } catch (IOException e) {
      return false; // all that was wanted is there
    }
  }

  /** May be called by another thread than the reader's, which then fails. */
  @Override
  public void close() {
    closed = true;
    Source now = source;
    if (now != null) {
      now.reply().close();
    }
  }
}
