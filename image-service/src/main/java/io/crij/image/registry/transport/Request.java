package io.crij.image.registry.transport;

import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request to a host.
 *
 * @param method of HTTP
 * @param headers what any host may see
 * @param authorization what only the host of {@code uri} may see
 * @param body what is sent; null for nothing
 * @param bulk whether the answer may be long: waits are then bounded per step, not in all
 */
public record Request(
    String method,
    URI uri,
    Map<String, String> headers,
    @Nullable String authorization,
    @Nullable Body body,
    boolean bulk) {
  public static Request get(URI uri) {
    return of("GET", uri);
  }

  public static Request of(String method, URI uri) {
    return new Request(method, uri, Map.of(), null, null, false);
  }

  public Request withHeaders(Map<String, String> replacement) {
    return new Request(method, uri, Map.copyOf(replacement), authorization, body, bulk);
  }

  public Request withAuthorization(@Nullable String replacement) {
    return new Request(method, uri, headers, replacement, body, bulk);
  }

  public Request withBody(Body replacement) {
    return new Request(method, uri, headers, authorization, replacement, bulk);
  }

  /** The same to another place. */
  public Request to(URI replacement) {
    return new Request(method, replacement, headers, authorization, body, bulk);
  }

  /** Whether it may be sent again to where an answer redirects: it asks and changes nothing. */
  boolean isSafe() {
    return method.equals("GET") || method.equals("HEAD");
  }

  public Request inBulk() {
    return new Request(method, uri, headers, authorization, body, true);
  }

  /** Secrets stay out of it. */
  @Override
  public String toString() {
    return method + " " + SafeUrl.of(uri);
  }
}
