package io.crij.image.registry.session;

import io.crij.image.ImageException;
import io.crij.image.manifest.JsonObject;
import io.crij.image.registry.auth.Credentials;
import io.crij.image.registry.session.HostFailure.Kind;
import io.crij.image.registry.transport.Body;
import io.crij.image.registry.transport.HostTransport;
import io.crij.image.registry.transport.Reply;
import io.crij.image.registry.transport.Request;
import io.crij.image.registry.transport.SafeUrl;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a registry's bearer tokens come from (the distribution project's "Token Authentication
 * Specification").
 */
final class TokenEndpoint {
  private static final int LONGEST_REPLY = 1 << 20;
  private static final String CLIENT_ID = "crij";

  private final HostTransport transport;
  private final Scope scope;

  TokenEndpoint(HostTransport transport, Scope scope) {
    this.transport = transport;
    this.scope = scope;
  }

  /** A token for what is in scope, given to these credentials. */
  String token(Challenge challenge, Credentials credentials) throws HostFailure, IOException {
    URI realm = realm(challenge);
    String service = challenge.parameter("service");
    String query =
        (service == null ? "" : "service=" + encoded(service) + "&")
            + scope.query(challenge.parameter("scope"));
    Request request =
        switch (credentials) {
          case Credentials.IdentityToken(String token) ->
              Request.of("POST", realm)
                  .withBody(
                      form(
                          "grant_type=refresh_token&client_id=%s&refresh_token=%s&%s"
                              .formatted(CLIENT_ID, encoded(token), query)));
          case Credentials.Password password ->
              get(realm, query).withAuthorization(password.basic());
          case Credentials.None _ -> get(realm, query);
          case Credentials.RegistryToken _ ->
              throw HostFailure.lasting(Kind.UNAUTHENTICATED, "the given token was not accepted");
        };
    try (Reply reply = transport.send(request)) {
      if (!HttpStatus.isSuccess(reply.status())) {
        throw ofRealm(HttpStatus.failure(reply), realm);
      }
      return read(reply.bytes(LONGEST_REPLY), realm);
    }
  }

  /**
   * The URL to ask. Credentials go there, so it has to be https, unless the administrator wants the
   * registry itself without TLS (CVE-2019-10214).
   */
  private URI realm(Challenge challenge) throws HostFailure {
    URI realm;
    try {
      String text = challenge.parameter("realm");
      realm = new URI(text == null ? "" : text);
    } catch (URISyntaxException e) {
      throw HostFailure.lasting(Kind.REFUSED, "the realm of its token server is no URL");
    }
    String scheme = realm.getScheme() == null ? "" : realm.getScheme().toLowerCase(Locale.ROOT);
    boolean secure = scheme.equals("https");
    if (realm.getHost() == null || realm.getRawUserInfo() != null || realm.getFragment() != null) {
      throw HostFailure.lasting(Kind.REFUSED, "the realm of its token server is no proper URL");
    }
    if (!secure && !(scheme.equals("http") && transport.host().isPlain())) {
      throw HostFailure.lasting(
          Kind.REFUSED, "its token server " + SafeUrl.of(realm) + " is not reached by https");
    }
    return realm;
  }

  private static Request get(URI realm, String query) {
    String separator = realm.getRawQuery() == null ? "?" : "&";
    return Request.get(URI.create(realm + separator + query));
  }

  private static String read(byte[] body, URI realm) throws HostFailure {
    try {
      JsonObject json = JsonObject.parse(body, "answer");
      String token = firstOf(json.optionalText("token"), json.optionalText("access_token"));
      if (token != null && Credentials.HEADER_SAFE.matcher(token).matches()) {
        return token;
      }
    } catch (ImageException e) {
      // said below
    }
    throw HostFailure.lasting(
        Kind.REFUSED, "token server " + SafeUrl.of(realm) + " gave no proper token");
  }

  private static @Nullable String firstOf(@Nullable String one, @Nullable String other) {
    return one == null || one.isEmpty() ? other : one;
  }

  private static HostFailure ofRealm(HostFailure failure, URI realm) {
    String message = "token server " + SafeUrl.of(realm) + ": " + failure.getMessage();
    return failure.isPassing()
        ? HostFailure.passing(message, failure.retryAfter())
        : HostFailure.lasting(failure.kind(), message);
  }

  private static Body form(String text) {
    return Body.of(text.getBytes(StandardCharsets.UTF_8), "application/x-www-form-urlencoded");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
