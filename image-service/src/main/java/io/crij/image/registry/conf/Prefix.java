package io.crij.image.registry.conf;

import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import java.util.regex.Pattern;

/**
 * What the names of images begin with: a host with an optional port, a namespace, a repository or
 * an image there; or {@code *.} and a domain for all hosts below it (containers-registries.conf(5),
 * "Choosing a [[registry]] TOML table").
 *
 * @param text as configured, without slashes at its end
 */
record Prefix(String text) {
  private static final String WILDCARD = "*.";
  private static final Pattern PLAIN = Pattern.compile("(?:[^*/@\\s]++)(?:/[^*\\s]*+)?+");
  private static final Pattern SUBDOMAINS = Pattern.compile("\\*\\.[^*/@:\\s]++");

  /**
   * @throws IllegalArgumentException if it can match nothing
   */
  static Prefix parse(String text) {
    if (text.startsWith(WILDCARD) && !SUBDOMAINS.matcher(text).matches()) {
      throw new IllegalArgumentException("a wildcard prefix has the form *.example.com");
    }
    if (!text.startsWith(WILDCARD) && !PLAIN.matcher(text).matches()) {
      throw new IllegalArgumentException("not a host, a namespace, a repository or an image");
    }
    return new Prefix(text);
  }

  boolean isWildcard() {
    return text.startsWith(WILDCARD);
  }

  /**
   * The text of a reference that prefixes are compared with: where it has a digest, without tag.
   */
  static String text(ImageReference reference) {
    Digest digest = reference.digest();
    return reference.name() + (digest == null ? ":" + reference.tag() : "@" + digest);
  }

  /**
   * How much of the reference's text this prefix takes; -1 if it is none of it. {@code example.com}
   * is no prefix of {@code example.com:5000}, which is another host.
   */
  int lengthIn(ImageReference reference) {
    String domain = reference.domain();
    if (isWildcard()) {
      int colon = domain.indexOf(':');
      int end = colon < 0 || domain.startsWith("[") ? domain.length() : colon;
      String host = domain.substring(0, end);
      return host.endsWith(text.substring(1)) && host.length() > text.length() - 1 ? end : -1;
    }
    String whole = text(reference);
    if (!whole.startsWith(text) || text.length() < domain.length()) {
      return -1;
    }
    boolean ends =
        whole.length() == text.length() || "/:@".indexOf(whole.charAt(text.length())) >= 0;
    return ends ? text.length() : -1;
  }
}
