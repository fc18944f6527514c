package io.crij.server.admin;

import io.crij.image.ImageException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Paths in requests. */
final class NodePath {
  private NodePath() {}

  /** A path on the node, which must not depend on where crijd runs. */
  static Path of(String value) {
    try {
      Path path = Path.of(value).normalize();
      if (path.isAbsolute() && path.getNameCount() > 0) {
        return path;
      }
    } catch (InvalidPathException e) {
      throw new ImageException.InvalidArgument("path: not a path: " + e.getReason(), e);
    }
    throw new ImageException.InvalidArgument("path: not an absolute path: " + value);
  }
}
