package io.crij.server.config.given;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Paths as the configuration has them: absolute, and not the root. */
public final class AbsolutePath {
  /** unix(7): "sun_path" holds 108 bytes. */
  private static final int MAX_SOCKET_BYTES = 100;

  private AbsolutePath() {}

  /**
   * @throws ConfigException when it is none
   */
  public static Path of(Origin origin, String key, String value) {
    try {
      Path path = Path.of(value).normalize();
      if (path.isAbsolute() && path.getNameCount() > 0) {
        return path;
      }
    } catch (InvalidPathException e) {
      throw new ConfigException(origin, key, "not a path: " + e.getReason());
    }
    throw new ConfigException(origin, key, "not an absolute path: '" + value + "'");
  }

  /**
   * A path that may be left out.
   *
   * @return null when nothing, or nothing but an empty text, was given
   * @throws ConfigException when it is none
   */
  public static @Nullable Path optional(Given.@Nullable Value value, String key) {
    return value == null || value.string().isEmpty()
        ? null
        : of(value.origin(), key, value.string());
  }

  /**
   * As {@link #optional}, of a regular file.
   *
   * @throws ConfigException also when it is not there
   */
  public static @Nullable Path optionalFile(Given.@Nullable Value value, String key) {
    Path file = optional(value, key);
    if (value != null && file != null && !Files.isRegularFile(file)) {
      throw new ConfigException(value.origin(), key, "no such file: " + file);
    }
    return file;
  }

  /** The path of a unix socket. */
  public static Path socket(Origin origin, String key, String value) {
    Path socket = of(origin, key, value);
    if (bytes(socket) > MAX_SOCKET_BYTES) {
      throw new ConfigException(origin, key, "path longer than " + MAX_SOCKET_BYTES + " bytes");
    }
    return socket;
  }

  public static int bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length;
  }
}
