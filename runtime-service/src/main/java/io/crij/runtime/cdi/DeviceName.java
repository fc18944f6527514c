package io.crij.runtime.cdi;

import io.crij.runtime.ServiceException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a device, {@code vendor/class=name} (CDI SPEC.md, "Kind" and "Device name").
 *
 * @param kind vendor and class
 */
record DeviceName(String kind, String name) {
  private static final String WORD = "[A-Za-z](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?";
  private static final Pattern KIND =
      Pattern.compile(WORD + "/[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9])?");
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9_.:-]*[A-Za-z0-9])?");
  private static final int MAX_LENGTH = 512;
  private static final Pattern WHOLE =
      Pattern.compile("(" + KIND.pattern() + ")=(" + NAME.pattern() + ")");

  /**
   * @throws ServiceException.InvalidArgument when it is none
   */
  static DeviceName parse(String text) {
    Matcher parts = WHOLE.matcher(text);
    if (text.length() > MAX_LENGTH || !parts.matches()) {
      throw new ServiceException.InvalidArgument(
          "CDI device: '" + text + "' is not vendor/class=name");
    }
    return new DeviceName(parts.group(1), parts.group(2));
  }

  static boolean isKind(String text) {
    return text.length() <= MAX_LENGTH && KIND.matcher(text).matches();
  }

  static boolean isName(String text) {
    return text.length() <= MAX_LENGTH && NAME.matcher(text).matches();
  }

  @Override
  public String toString() {
    return kind + "=" + name;
  }
}
