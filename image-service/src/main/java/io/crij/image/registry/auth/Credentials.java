package io.crij.image.registry.auth;

import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.hosts.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Pattern;

/** What proves to a registry who pulls. */
public sealed interface Credentials {
  Credentials NONE = new None();

  /** Nobody in particular. */
  record None() implements Credentials {}

  /** A user's name and password. */
  record Password(String user, String password) implements Credentials {
    /** RFC 7617. */
    public String basic() {
      String pair = user + ":" + password;
      return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
      return "Password[…]";
    }
  }

  /** A token with which the token server gives others (OAuth 2 refresh token). */
  record IdentityToken(String token) implements Credentials {
    @Override
    public String toString() {
      return "IdentityToken[…]";
    }
  }

  /** A token that the registry takes as it is. */
  record RegistryToken(String token) implements Credentials {
    @Override
    public String toString() {
      return "RegistryToken[…]";
    }
  }

  /** What may stand in a header; the JDK would quote anything else in its complaint. */
  Pattern HEADER_SAFE = Pattern.compile("[!-~]{1,65536}");

  /**
   * Reads the CRI's form, in which the first of registry token, identity token, name and password,
   * and {@code auth} (both in Base64) that is set counts.
   *
   * @throws ImageException.InvalidArgument if it is malformed; the message quotes nothing
   */
  static Credentials of(AuthConfig auth) {
    if (!auth.getRegistryToken().isEmpty()) {
      if (!HEADER_SAFE.matcher(auth.getRegistryToken()).matches()) {
        throw new ImageException.InvalidArgument("malformed registry_token in the credentials");
      }
      return new RegistryToken(auth.getRegistryToken());
    }
    if (!auth.getIdentityToken().isEmpty()) {
      return new IdentityToken(auth.getIdentityToken());
    }
    if (!auth.getUsername().isEmpty()) {
      return new Password(auth.getUsername(), auth.getPassword());
    }
    return auth.getAuth().isEmpty() ? NONE : fromBase64(auth.getAuth());
  }

  private static Password fromBase64(String auth) {
    try {
      String pair = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      if (colon > 0) {
        return new Password(pair.substring(0, colon), pair.substring(colon + 1));
      }
    } catch (IllegalArgumentException e) {
      // said below, without what was given
    }
    throw new ImageException.InvalidArgument("malformed auth in the credentials");
  }

  /**
   * Whether credentials of a pull are for this host. They are for one registry: where they name
   * none, or the one of the image, for the host that is configured as the registry itself, else
   * only for a host of exactly that name. A mirror never sees the registry's credentials.
   */
  static boolean areFor(Endpoint endpoint, AuthConfig auth, ImageReference image) {
    String named = canonical(auth.getServerAddress());
    boolean ofRegistry = named.isEmpty() || named.equals(canonical(image.domain()));
    return ofRegistry
        ? endpoint.primary()
        : named.equals(canonical(endpoint.host().base().getRawAuthority()));
  }

  /** Host and port of a server as Docker's tools write it, which may be a URL. */
  private static String canonical(String server) {
    String name = server.strip().toLowerCase(Locale.ROOT).replaceFirst("^https?://", "");
    int slash = name.indexOf('/');
    name = slash < 0 ? name : name.substring(0, slash);
    return DockerHub.canonical(name);
  }
}
