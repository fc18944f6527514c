package io.crij.runtime.names;

import io.crij.runtime.ServiceException.InvalidArgument;
import java.net.Inet6Address;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Checks texts of requests before anything is done with them. Each method returns its text, or
 * throws {@link InvalidArgument} naming the field.
 */
public final class RequestText {
  private static final Pattern PATH_PART = Pattern.compile("[A-Za-z0-9._-]{1,253}");
  private static final String LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
  private static final Pattern HOSTNAME = Pattern.compile(LABEL + "(\\." + LABEL + ")*");
  // Search domains may have underscores (as in _service) and a final dot; "." alone is the root.
  private static final String SEARCH_LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";
  private static final Pattern SEARCH =
      Pattern.compile("\\.|" + SEARCH_LABEL + "(\\." + SEARCH_LABEL + ")*\\.?");
  private static final Pattern RESOLVER_OPTION = Pattern.compile("[A-Za-z0-9_.:-]{1,64}");
  private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern PREFIX_LENGTH = Pattern.compile("[0-9]{1,3}");
  private static final int IPV4_BITS = 32;
  private static final int IPV6_BITS = 128;
  private static final Pattern IPV4 = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");
  private static final Pattern IPV6 =
      Pattern.compile("([0-9A-Fa-f:.]{2,45})(%[A-Za-z0-9._-]{1,15})?");
  private static final int MAX_HOSTNAME = 64; // Linux, HOST_NAME_MAX
  private static final int MAX_DOMAIN = 254;
  private static final int MAX_PATH_BYTES = 4095;

  private RequestText() {}

  /** A text that may become a part of a path or of a plugin's arguments. */
  public static String pathPart(String field, String text) {
    if (!PATH_PART.matcher(text).matches() || text.equals(".") || text.equals("..")) {
      throw refused(field, text, "is not 1 to 253 letters, digits, '.', '_' or '-'");
    }
    return text;
  }

  /** An absolute path without {@code .}, {@code ..} and control characters. */
  public static Path absolutePath(String field, String text) {
    if (!text.startsWith("/")
        || text.getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES
        || text.chars().anyMatch(Character::isISOControl)) {
      throw refused(field, text, "is not an absolute path of at most 4095 bytes");
    }
    for (String part : text.split("/", -1)) {
      if (part.equals(".") || part.equals("..")) {
        throw refused(field, text, "has a part \"" + part + "\"");
      }
    }
    return Path.of(text);
  }

  /** A host name of DNS labels, as long as Linux allows. */
  public static String hostname(String field, String text) {
    if (text.length() > MAX_HOSTNAME || !HOSTNAME.matcher(text).matches()) {
      throw refused(field, text, "is not a host name of at most 64 characters");
    }
    return text;
  }

  /** A search domain of resolv.conf(5). */
  public static String searchDomain(String field, String text) {
    if (text.length() > MAX_DOMAIN || !SEARCH.matcher(text).matches()) {
      throw refused(field, text, "is not a domain");
    }
    return text;
  }

  /** An option of resolv.conf(5), e.g. {@code ndots:5}. */
  public static String resolverOption(String field, String text) {
    if (!RESOLVER_OPTION.matcher(text).matches()) {
      throw refused(field, text, "is not a resolver option");
    }
    return text;
  }

  /** An IPv4 or IPv6 address, the latter perhaps with a zone. Names are not looked up. */
  public static String ipAddress(String field, String text) {
    if (!IPV4.matcher(text).matches() && !isIpv6(text)) {
      throw refused(field, text, "is not an IP address");
    }
    return text;
  }

  /** How long a checked IP address is, in bits. */
  public static int bitsOf(String address) {
    return address.contains(":") ? IPV6_BITS : IPV4_BITS;
  }

  /** Whether a text is the length of a prefix of an IP address, which was checked. */
  public static boolean isPrefixLength(String text, String address) {
    return PREFIX_LENGTH.matcher(text).matches() && Integer.parseInt(text) <= bitsOf(address);
  }

  private static boolean isIpv6(String text) {
    var matcher = IPV6.matcher(text);
    if (!matcher.matches() || !text.contains(":")) {
      return false;
    }
    try {
      Inet6Address.ofLiteral(matcher.group(1));
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static InvalidArgument refused(String field, String text, String reason) {
    return new InvalidArgument(field + ": " + quoted(text) + " " + reason);
  }

  /** The text with control characters made visible, and cut: it goes to logs. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    String shown = text.length() > 200 ? text.substring(0, 200) + "…" : text;
    shown
        .chars()
        .forEach(c -> {
          if (Character.isISOControl(c)) {
            quoted.append("\\u").append("%04x".formatted(c));
          } else {
            quoted.append((char) c);
          }
        });
    return quoted.append('"').toString();
  }
}
