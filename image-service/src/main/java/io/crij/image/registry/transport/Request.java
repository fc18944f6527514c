package io.crij.image.registry.transport;

import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request to a host.
 *
 * @param headers what any host may see
 * @param authorization what only the host of {@code uri} may see
 * @param form the body of a POST in {@code application/x-www-form-urlencoded}; null for a GET
 * @param bulk whether the answer may be long: waits are then bounded per step, not in all
 */
public record Request(
    URI uri,
    Map<String, String> headers,
    @Nullable String authorization,
    @Nullable String form,
    boolean bulk) {
  public static Request get(URI uri) {
    return new Request(uri, Map.of(), null, null, false);
  }

  public Request withHeaders(Map<String, String> replacement) {
    return new Request(uri, Map.copyOf(replacement), authorization, form, bulk);
  }

  public Request withAuthorization(@Nullable String replacement) {
    return new Request(uri, headers, replacement, form, bulk);
  }

  public Request withForm(String replacement) {
    return new Request(uri, headers, authorization, replacement, bulk);
  }

  public Request inBulk() {
    return new Request(uri, headers, authorization, form, true);
  }

  /** Secrets stay out of it. */
  @Override
  public String toString() {
    return (form == null ? "GET " : "POST ") + SafeUrl.of(uri);
  }
}
