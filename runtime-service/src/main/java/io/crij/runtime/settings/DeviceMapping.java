package io.crij.runtime.settings;

import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * A device of the node for containers, as {@code host[:inside][:permissions]}.
 *
 * @param inside below /dev
 * @param permissions made of r, w and m
 */
public record DeviceMapping(Path host, Path inside, String permissions) {
  private static final Pattern PERMISSIONS = Pattern.compile("(?!.*(.).*\\1)[rwm]{1,3}");
  private static final Path DEV = Path.of("/dev");

  /**
   * @throws IllegalArgumentException saying what is wrong
   */
  public static DeviceMapping parse(String text) {
    String[] parts = text.split(":", -1);
    boolean hasInside = parts.length > 1 && !isPermissions(parts[1]);
    if (parts.length > 3 || (parts.length == 3 && (!hasInside || !isPermissions(parts[2])))) {
      throw new IllegalArgumentException("'" + text + "' is not host:container:permissions");
    }
    Path host = absolute(parts[0]);
    Path inside = hasInside ? absolute(parts[1]) : host;
    if (!inside.startsWith(DEV) || inside.equals(DEV)) {
      throw new IllegalArgumentException("'" + text + "' is not below /dev in the container");
    }
    boolean says = parts.length > (hasInside ? 2 : 1);
    return new DeviceMapping(host, inside, says ? parts[parts.length - 1] : "rwm");
  }

  /** Whether it says what may be done with a device. */
  public static boolean isPermissions(String text) {
    return PERMISSIONS.matcher(text).matches();
  }

  private static Path absolute(String path) {
    if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("'" + path + "' is not an absolute path");
    }
    return Path.of(path).normalize();
  }
}
