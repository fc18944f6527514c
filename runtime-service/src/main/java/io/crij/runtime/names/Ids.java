package io.crij.runtime.names;

import io.crij.runtime.ServiceException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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

  /**
   * What has the id, or is the only one whose id begins so: crictl shows the first 13 digits, and
   * hands on what it is given.
   *
   * @param what is in {@code things}, in the plural
   * @return null when there is none
   * @throws ServiceException.InvalidArgument when there are several
   */
  public static <T> @Nullable T find(Map<String, T> things, String id, String what) {
    T exact = things.get(id);
    if (exact != null || id.isEmpty() || isId(id)) {
      return exact;
    }
    T found = null;
    for (Map.Entry<String, T> thing : things.entrySet()) {
      if (thing.getKey().startsWith(id)) {
        if (found != null) {
          throw new ServiceException.InvalidArgument("several " + what + " have ids " + id + "…");
        }
        found = thing.getValue();
      }
    }
    return found;
  }
}
