package io.crij.server.config.container;

import io.crij.server.config.given.ConfigException;
import io.crij.server.config.given.Origin;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as CRI-O's file has them, e.g. {@code 12MiB}: every unit is of 1024. */
final class ByteSize {
  private static final Pattern WHOLE =
      Pattern.compile("(\\d{1,12}) ?([kmgt])?(i?b)?", Pattern.CASE_INSENSITIVE);

  private ByteSize() {}

  static long parse(Origin origin, String key, String text) {
    Matcher parts = WHOLE.matcher(text);
    if (!parts.matches()) {
      throw new ConfigException(origin, key, "'" + text + "' is no size such as 500KiB or 12MiB");
    }
    long bytes = Long.parseLong(parts.group(1));
    String unit = parts.group(2);
    int power = unit == null ? 0 : "kmgt".indexOf(unit.toLowerCase(Locale.ROOT)) + 1;
    long factor = 1L << (10 * power);
    if (bytes > Long.MAX_VALUE / factor) {
      throw new ConfigException(origin, key, "'" + text + "' is too large");
    }
    return bytes * factor;
  }
}
