package io.crij.image.registry.transport;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;

/** Where an answer sends us, if we go there. */
final class Redirect {
  private static final Set<Integer> STATUSES = Set.of(301, 302, 303, 307, 308);

  private Redirect() {}

  static boolean is(Reply reply) {
    return STATUSES.contains(reply.status());
  }

  /**
   * The URL to go to.
   *
   * @throws RefusedException if it is malformed, not http(s), or loses the protection of TLS
   */
  static URI target(Reply reply) throws RefusedException {
    String location = reply.header("location");
    if (location == null) {
      throw new RefusedException("redirect without Location");
    }
    URI target;
    try {
      target = reply.uri().resolve(new URI(location));
    } catch (URISyntaxException e) {
      throw new RefusedException("redirect to a malformed URL"); // the text may hold secrets
    }
    if (target.getHost() == null || target.getRawUserInfo() != null) {
      throw new RefusedException("redirect to a URL without host or with user information");
    }
    String scheme = scheme(target);
    if (!scheme.equals("https") && !scheme.equals("http")) {
      throw new RefusedException("redirect to a URL that is not http");
    }
    if (scheme(reply.uri()).equals("https") && !scheme.equals("https")) {
      throw new RefusedException("redirect from https to " + SafeUrl.of(target));
    }
    return target;
  }

  /** Whether both are the same scheme, host and port. */
  static boolean sameOrigin(URI a, URI b) {
    return scheme(a).equals(scheme(b))
        && a.getHost().equalsIgnoreCase(b.getHost())
        && port(a) == port(b);
  }

  private static String scheme(URI uri) {
    return uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
  }

  /** Where a connection goes; the scheme says it if the URL does not. */
  static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return scheme(uri).equals("https") ? 443 : 80;
  }
}
