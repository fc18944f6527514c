package io.crij.image.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a host wants us to prove who we are: one challenge of a {@code WWW-Authenticate} header (RFC
 * 9110, section 11.6.1).
 *
 * @param scheme in lower case, e.g. {@code bearer}
 * @param parameters by their names in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {
  private static final int LONGEST_HEADER = 16 << 10;
  private static final int MOST = 16;

  private static final String TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]++";
  private static final Pattern SEPARATORS = Pattern.compile("[ \t,]*+");
  private static final Pattern PARAMETER =
      Pattern.compile(
          "(" + TOKEN + ")[ \t]*+=[ \t]*+(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|(" + TOKEN + "))");
  private static final Pattern SCHEME = Pattern.compile("(" + TOKEN + ")(?:[ \t]++|(?=,)|$)");
  private static final Pattern TOKEN68 =
      Pattern.compile("[A-Za-z0-9._~+/-]++=*+(?=[ \t]*+(?:,|$))");

  Challenge {
    parameters = Map.copyOf(parameters);
  }

  @Nullable String parameter(String name) {
    return parameters.get(name);
  }

  /** All challenges of these headers. What cannot be read ends its header. */
  static List<Challenge> parse(List<String> headers) {
    List<Challenge> challenges = new ArrayList<>();
    for (String header : headers) {
      if (header.length() <= LONGEST_HEADER && challenges.size() < MOST) {
        parse(header, challenges);
      }
    }
    return challenges;
  }

  private static void parse(String header, List<Challenge> challenges) {
    Matcher matcher = SEPARATORS.matcher(header);
    int length = header.length();
    skip(matcher, SEPARATORS);
    while (matcher.regionStart() < length && challenges.size() < MOST) {
      if (!skip(matcher, SCHEME)) {
        return;
      }
      String scheme = matcher.group(1).toLowerCase(Locale.ROOT);
      Map<String, String> parameters = new HashMap<>();
      skip(matcher, TOKEN68);
      skip(matcher, SEPARATORS);
      while (skip(matcher, PARAMETER)) {
        String quoted = matcher.group(2);
        String value = quoted == null ? matcher.group(3) : quoted.replaceAll("\\\\(.)", "$1");
        parameters.putIfAbsent(matcher.group(1).toLowerCase(Locale.ROOT), value);
        skip(matcher, SEPARATORS);
      }
      challenges.add(new Challenge(scheme, parameters));
    }
  }

  /** Moves behind the pattern if the text goes on with it. */
  private static boolean skip(Matcher matcher, Pattern pattern) {
    boolean found = matcher.usePattern(pattern).lookingAt();
    if (found) {
      matcher.region(matcher.end(), matcher.regionEnd());
    }
    return found;
  }
}
