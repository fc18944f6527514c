package io.crij.server.config.given;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Lengths of time as the peers' configurations have them, e.g. {@code 1h30m}. */
public final class GoDuration {
  private static final Pattern WHOLE =
      Pattern.compile("(?:(\\d{1,6})h)?(?:(\\d{1,8})m)?(?:(\\d{1,10})s)?(?:(\\d{1,10})ms)?|0");

  private GoDuration() {}

  /**
   * @param key for the message
   * @throws ConfigException when {@code text} is none
   */
  public static Duration parse(Origin origin, String key, String text) {
    Matcher parts = WHOLE.matcher(text);
    if (text.isEmpty() || !parts.matches()) {
      throw new ConfigException(
          origin, key, "'" + text + "' is no length of time such as 90s, 15m or 1h30m");
    }
    return Duration.ofHours(number(parts.group(1)))
        .plusMinutes(number(parts.group(2)))
        .plusSeconds(number(parts.group(3)))
        .plusMillis(number(parts.group(4)));
  }

  private static long number(@Nullable String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }
}
