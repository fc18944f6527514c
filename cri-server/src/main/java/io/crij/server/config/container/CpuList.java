package io.crij.server.config.container;

import io.crij.server.config.given.ConfigException;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;
import io.crij.server.config.given.Origin;
import java.util.regex.Pattern;

/** Processors as cpuset(7) lists them, e.g. {@code 0-3,8}. */
final class CpuList {
  private static final Pattern LIST =
      Pattern.compile("(\\d{1,5}(-\\d{1,5})?(,\\d{1,5}(-\\d{1,5})?)*)?");

  private CpuList() {}

  static String of(Given given, Key key) {
    return checked(given.get(key).origin(), key.path(), given.get(key).string());
  }

  static String checked(Origin origin, String key, String text) {
    if (!LIST.matcher(text).matches()) {
      throw new ConfigException(origin, key, "'" + text + "' is no list such as 0-3,8");
    }
    return text;
  }
}
