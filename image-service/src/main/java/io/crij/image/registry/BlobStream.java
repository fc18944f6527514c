package io.crij.image.registry;

import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.registry.hosts.RegistryHost.Capability;
import io.crij.image.registry.transport.RefusedException;
import io.crij.image.registry.transport.Reply;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A blob as it comes from a registry, exactly as long as its descriptor says. When a host breaks
 * off, another takes over at the same byte: content is addressed by digest, so it is the same
 * everywhere.
 */
final class BlobStream extends InputStream {
  /** How far a download must come for a further interruption to be forgiven. */
  private static final long REAL_PROGRESS = 1 << 20;

  private static final int MOST_INTERRUPTIONS = 5;

  private final HostRotation hosts;
  private final Descriptor descriptor;
  private final String what;

  private long offset;
  private long lastInterruption;
  private int interruptions;
  private volatile boolean closed;
  private @Nullable Source source;

  /** The answer that is being read. */
  private record Source(HostSession host, Reply reply) {}

  /** Asks for the blob at once, so that what is not there fails here. */
  BlobStream(HostRotation hosts, Descriptor descriptor, String what) {
    this.hosts = hosts;
    this.descriptor = descriptor;
    this.what = what;
    this.source = open();
  }

  private Source open() {
    return hosts.ask(what, Capability.PULL, host -> new Source(host, openAt(host)));
  }

  private Reply openAt(HostSession host) throws HostFailure, IOException {
    Map<String, String> range = offset == 0 ? Map.of() : Map.of("Range", "bytes=" + offset + "-");
    Reply reply = host.get("/blobs/" + descriptor.digest(), range, true);
    try {
      BlobRange.check(reply, offset, descriptor.size());
      if (reply.status() == HttpStatus.OK) {
        reply.body().skipNBytes(offset); // it knows no ranges
      }
      return reply;
    } catch (IOException | RuntimeException e) {
      reply.close();
      throw e;
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int from, int count) throws IOException {
    Objects.checkFromIndexSize(from, count, target.length);
    while (count > 0 && offset < descriptor.size()) {
      if (closed) {
        throw new IOException("closed");
      }
      Source now = source == null ? open() : source;
      source = now;
      int most = (int) Math.min(count, descriptor.size() - offset);
      try {
        int n = now.reply.body().read(target, from, most);
        if (n > 0) {
          offset += n;
          return n;
        }
        throw new EOFException("ended after " + offset + " of " + descriptor.size() + " bytes");
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
    broken.reply.close();
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
              .formatted(what, broken.host, failure.getMessage(), offset, descriptor.size()));
    }
    hosts.trouble(broken.host);
    hosts.pause(interruptions, what);
  }

  /** A longer blob is another blob: seen here only where the host did not say how long it is. */
  private void refuseMore() throws IOException {
    Source now = source;
    source = null;
    if (now == null) {
      return;
    }
    try (Reply reply = now.reply) {
      if (reply.length() < 0 && hasMore(reply.body())) {
        throw new ImageException.FailedPrecondition(
            "%s: %s sends more than the %d bytes of its descriptor"
                .formatted(what, now.host, descriptor.size()));
      }
    } catch (RefusedException e) {
      throw HostFailure.of(e).toImageException(what + ": " + e.getMessage());
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
      now.reply.close();
    }
  }
}
