package io.crij.image.registry.transport;

import io.crij.image.name.Quoted;
import java.net.URI;

/**
 * A URL as it may stand in messages and logs. User information and queries are left out: they hold
 * passwords and signatures.
 */
public final class SafeUrl {
  private static final int LONGEST = 300;

  private SafeUrl() {}

  public static String of(URI uri) {
    if (uri.getScheme() == null || uri.getHost() == null) {
      return "(URL without host)";
    }
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    String url = uri.getScheme() + "://" + uri.getHost() + port + path;
    return url.length() > LONGEST || !url.chars().allMatch(c -> c > ' ' && c < 0x7f)
        ? Quoted.of(url)
        : url;
  }
}
