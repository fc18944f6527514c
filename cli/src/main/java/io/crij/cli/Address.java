package io.crij.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** {@code unix:///path} of a socket. */
record Address(Path socket) {
  private static final String UNIX = "unix://";

  /**
   * @throws IllegalArgumentException saying what is wrong with {@code uri}
   */
  static Address parse(String uri) {
    if (!uri.startsWith(UNIX + "/")) {
      throw new IllegalArgumentException("not a unix:///path URI: " + uri);
    }
    try {
      return new Address(Path.of(uri.substring(UNIX.length())));
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("not a path: " + uri, e);
    }
  }

  @Override
  public String toString() {
    return UNIX + socket;
  }
}
