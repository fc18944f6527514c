package io.crij.image.registry.session;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
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
    Text text = new Text(header);
    text.take(SEPARATORS);
    MatchResult scheme = text.take(SCHEME);
    while (scheme != null && challenges.size() < MOST) {
      text.take(TOKEN68);
      text.take(SEPARATORS);
      challenges.add(new Challenge(scheme.group(1).toLowerCase(Locale.ROOT), parameters(text)));
      scheme = text.take(SCHEME);
    }
  }

  private static Map<String, String> parameters(Text text) {
    Map<String, String> parameters = new HashMap<>();
    MatchResult parameter = text.take(PARAMETER);
    while (parameter != null) {
      String quoted = parameter.group(2);
      String value = quoted == null ? parameter.group(3) : quoted.replaceAll("\\\\(.)", "$1");
      parameters.putIfAbsent(parameter.group(1).toLowerCase(Locale.ROOT), value);
      text.take(SEPARATORS);
      parameter = text.take(PARAMETER);
    }
    return parameters;
  }

  /** A text that is read from left to right. */
  private static final class Text {
    private final String text;
    private int position;

    Text(String text) {
      this.text = text;
    }

    /** Moves behind the pattern if the text goes on with it. */
    @Nullable MatchResult take(Pattern pattern) {
      Matcher matcher = pattern.matcher(text).region(position, text.length());
      if (!matcher.lookingAt()) {
        return null;
      }
      position = matcher.end();
      return matcher.toMatchResult();
    }
  }
}
