package io.crij.image.registry;

import io.crij.image.manifest.Descriptor;
import io.crij.image.registry.session.HostFailure;
import io.crij.image.registry.session.HostSession;
import io.crij.image.registry.session.HttpStatus;
import io.crij.image.registry.transport.Body;
import io.crij.image.registry.transport.RefusedException;
import io.crij.image.registry.transport.Reply;
import io.crij.image.registry.transport.Request;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One upload of a blob (OCI distribution specification, "Pushing blobs"): a short one as a whole, a
 * longer one in chunks, of which the registry can tell what it has when a connection breaks.
 */
final class BlobUpload {
  private static final int CREATED = 201;
  private static final int ACCEPTED = 202;
  private static final int NO_CONTENT = 204;
  private static final int MOST_INTERRUPTIONS = 4;
  private static final long LONGEST_CHUNK = 1L << 30;
  private static final String MEDIA_TYPE = "application/octet-stream";
  private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-([0-9]{1,18})");

  private final HostSession session;
  private final Descriptor blob;
  private final BlobContent content;
  private final long chunkBytes;

  BlobUpload(HostSession session, Descriptor blob, BlobContent content, long chunkBytes) {
    this.session = session;
    this.blob = blob;
    this.content = content;
    this.chunkBytes = chunkBytes;
  }

  /** Where an upload goes on, and how much of it the registry has. */
  private record Progress(URI location, long offset, long chunkBytes) {}

  /** Whether the registry takes a blob over from another of its repositories. */
  static boolean mount(HostSession session, Descriptor blob, String repository)
      throws HostFailure, IOException {
    String query = "?mount=" + blob.digest() + "&from=" + repository;
    try (Reply reply = session.send(begin(session, query))) {
      if (reply.status() == ACCEPTED) {
        cancel(session, reply.location());
        return false;
      }
      if (reply.status() != CREATED) {
        throw HttpStatus.failure(reply);
      }
      return true;
    }
  }

  private static Request begin(HostSession session, String query) throws IOException {
    return Request.of("POST", session.uri("/blobs/uploads/" + query));
  }

  /** The upload that the registry began instead; if this fails, it expires. */
  private static void cancel(HostSession session, URI location) throws IOException {
    try {
      session.send(Request.of("DELETE", location)).close();
    } catch (InterruptedIOException e) {
      throw e;
    } catch (HostFailure | IOException e) {
      // Nothing was sent, so nothing is lost.
    }
  }

  void run() throws HostFailure, IOException {
    Progress progress;
    try (Reply reply = session.send(begin(session, ""))) {
      if (reply.status() != ACCEPTED) {
        throw HttpStatus.failure(reply);
      }
      progress = new Progress(reply.location(), 0, chunkBytes(reply));
    }
    if (blob.size() <= progress.chunkBytes) {
      finish(progress.location, body(0, blob.size()));
      return;
    }
    int interruptions = 0;
    while (progress.offset < blob.size()) {
      try {
        progress = chunk(progress);
      } catch (InterruptedIOException | RefusedException e) {
        throw e;
      } catch (IOException e) {
        if (++interruptions > MOST_INTERRUPTIONS) {
          throw e;
        }
        progress = ask(progress);
      }
    }
    finish(progress.location, null);
  }

  /** Ours, or more if the registry wants longer ones. */
  private long chunkBytes(Reply reply) throws RefusedException {
    String least = reply.header("oci-chunk-min-length");
    if (least == null || !least.matches("[0-9]{1,10}")) {
      return chunkBytes;
    }
    return Math.min(Math.max(chunkBytes, Long.parseLong(least)), LONGEST_CHUNK);
  }

  private Progress chunk(Progress progress) throws HostFailure, IOException {
    long end = Math.min(progress.offset + progress.chunkBytes, blob.size());
    Request request =
        Request.of("PATCH", progress.location)
            .withHeaders(Map.of("Content-Range", progress.offset + "-" + (end - 1)))
            .withBody(body(progress.offset, end));
    try (Reply reply = session.send(request)) {
      if (reply.status() != ACCEPTED) {
        throw HttpStatus.failure(reply);
      }
      long has = has(reply);
      if (has != end) {
        throw new RefusedException("has %d bytes after %d were sent".formatted(has, end));
      }
      return new Progress(reply.location(), end, progress.chunkBytes);
    }
  }

  /** What the registry has, after a connection broke. */
  private Progress ask(Progress progress) throws HostFailure, IOException {
    try (Reply reply = session.send(Request.get(progress.location))) {
      if (reply.status() != NO_CONTENT) {
        throw HttpStatus.failure(reply);
      }
      URI location = reply.header("location") == null ? progress.location : reply.location();
      long has = has(reply);
      if (has > blob.size()) {
        throw new RefusedException("has more of the blob than there is");
      }
      return new Progress(location, has, progress.chunkBytes);
    }
  }

  /** The header says the last byte, and cannot say that there is none. */
  private static long has(Reply reply) throws RefusedException {
    String text = reply.header("range");
    Matcher range = RANGE.matcher(text == null ? "" : text);
    if (!range.matches()) {
      throw new RefusedException("does not say how much of the blob it has");
    }
    long last = Long.parseLong(range.group(1));
    return last == 0 ? 0 : last + 1;
  }

  private void finish(URI location, @Nullable Body body) throws HostFailure, IOException {
    String separator = location.getRawQuery() == null ? "?" : "&";
    Request request =
        Request.of("PUT", URI.create(location + separator + "digest=" + blob.digest()));
    try (Reply reply = session.send(body == null ? request : request.withBody(body))) {
      if (reply.status() != CREATED) {
        throw HttpStatus.failure(reply);
      }
    }
  }

  private Body body(long from, long to) {
    return Body.of(() -> content.from(from), to - from, MEDIA_TYPE);
  }
}
