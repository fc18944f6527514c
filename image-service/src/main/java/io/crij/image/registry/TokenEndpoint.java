package io.crij.image.registry;

import io.crij.image.ImageException;
import io.crij.image.manifest.JsonObject;
import io.crij.image.registry.HostFailure.Kind;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a registry's bearer tokens come from (the distribution project's "Token Authentication
 * Specification").
 */
final class TokenEndpoint {
  private static final int LONGEST_REPLY = 1 << 20;
  private static final String CLIENT_ID = "crij";
  private static final Pattern REPOSITORY_SCOPE =
      Pattern.compile("repository:([a-z0-9][a-z0-9._/-]{0,254}):[a-z,*]+");

  private final HostTransport transport;
  private final String repository;

  TokenEndpoint(HostTransport transport, String repository) {
    this.transport = transport;
    this.repository = repository;
  }

  /** A token for pulling, given to these credentials. */
  String token(Challenge challenge, Credentials credentials) throws HostFailure, IOException {
    URI realm = realm(challenge);
    String service = challenge.parameter("service");
    String query =
        (service == null ? "" : "service=" + encoded(service) + "&")
            + "scope="
            + encoded(scope(challenge));
    Request request =
        switch (credentials) {
          case Credentials.IdentityToken(String token) ->
              Request.get(realm)
                  .withForm(
                      "grant_type=refresh_token&client_id=%s&refresh_token=%s&%s"
                          .formatted(CLIENT_ID, encoded(token), query));
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

  /**
   * What the token is for: pulling, whatever else the registry proposes. A mirror may know the
   * repository by another name, so the name is the registry's to say.
   */
  private String scope(Challenge challenge) {
    String proposed = challenge.parameter("scope");
    Matcher matcher = REPOSITORY_SCOPE.matcher(proposed == null ? "" : proposed);
    return "repository:" + (matcher.matches() ? matcher.group(1) : repository) + ":pull";
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

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
