package io.crij.runtime.oci.rootfs;

import io.crij.runtime.ServiceException;
import java.util.regex.Pattern;

/**
 * Numbers of users and groups. What consists of digits is always a number and never looked up as a
 * name, or an image could name uid 0 with it (CVE-2026-46680); out of range is an error, or it
 * would wrap to 0 (CVE-2024-40635).
 */
final class AccountId {
  /** What both peers take; 2^32-1 means "unchanged" to the kernel. */
  private static final long HIGHEST = Integer.MAX_VALUE;

  private static final Pattern DIGITS = Pattern.compile("[0-9]+");
  private static final int LONGEST = 18;

  private AccountId() {}

  static boolean isNumber(String text) {
    return DIGITS.matcher(text).matches();
  }

  static boolean isValid(String text) {
    return isNumber(text) && text.length() <= LONGEST && Long.parseLong(text) <= HIGHEST;
  }

  static long parse(String text, String field) {
    if (!isValid(text)) {
      throw outOfRange(text, field);
    }
    return Long.parseLong(text);
  }

  static long check(long number, String field) {
    if (number < 0 || number > HIGHEST) {
      throw outOfRange(Long.toString(number), field);
    }
    return number;
  }

  private static ServiceException.InvalidArgument outOfRange(String text, String field) {
    return new ServiceException.InvalidArgument(
        field + ": '" + text + "' is not within 0 to " + HIGHEST);
  }
}
