package io.crij.runtime.names;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Ids of pod sandboxes and containers: 64 lower-case hexadecimal digits that nobody can guess. */
public final class Ids {
  private static final int BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

  private Ids() {}

  public static String random() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** Whether {@code text} can be an id, and so part of a path. */
  public static boolean isId(String text) {
    return ID.matcher(text).matches();
  }
}
