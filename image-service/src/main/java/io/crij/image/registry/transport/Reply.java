package io.crij.image.registry.transport;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer, after redirects.
 *
 * @param uri where it came from
 * @param redirected whether that is another host than the one asked
 * @param body to be read or closed
 */
public record Reply(int status, HttpHeaders headers, InputStream body, URI uri, boolean redirected)
    implements AutoCloseable {
  /** The value of a header that may occur once; null if absent. */
  public @Nullable String header(String name) throws RefusedException {
    List<String> values = headers.allValues(name);
    if (values.size() > 1) {
      throw new RefusedException("more than one header " + name);
    }
    return values.isEmpty() ? null : values.getFirst();
  }

  /**
   * The URL that a header {@code Location} names.
   *
   * @throws RefusedException if it is malformed, not http(s), or loses the protection of TLS
   */
  public URI location() throws RefusedException {
    return Redirect.target(this);
  }

  /** The announced length of the body in bytes; -1 if none is. */
  public long length() throws RefusedException {
    String text = header("content-length");
    if (text == null) {
      return -1;
    }
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new RefusedException("malformed Content-Length");
    }
  }

  /**
   * The whole body.
   *
   * @throws RefusedException if it is longer than {@code limit} bytes; the rest is not read
   */
  public byte[] bytes(int limit) throws IOException {
    if (length() > limit) {
      close();
      throw new RefusedException("longer than " + limit + " bytes");
    }
    byte[] bytes = body.readNBytes(limit + 1);
    if (bytes.length > limit) {
      close();
      throw new RefusedException("longer than " + limit + " bytes");
    }
    return bytes;
  }

  /** Gives up the rest of the body. */
  @Override
  public void close() {
    try {
      body.close();
    } catch (IOException e) {
      throw new IllegalStateException("closing a body only ends its subscription", e);
    }
  }
}
