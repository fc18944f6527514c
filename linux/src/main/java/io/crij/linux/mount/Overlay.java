package io.crij.linux.mount;

import java.nio.file.Path;
import java.util.List;

/**
 * An overlay to be mounted.
 *
 * @param lowers folders from the topmost down, at least one
 * @param upper where writes go
 * @param work an empty folder on the file system of {@code upper}
 * @param volatileUpper the kernel never syncs it, and refuses to mount this upper again
 */
public record Overlay(List<Path> lowers, Path upper, Path work, boolean volatileUpper) {
  /** The kernel's own limit (OVL_MAX_STACK). */
  public static final int MAX_LOWERS = 500;

  public Overlay {
    lowers = List.copyOf(lowers);
    if (lowers.isEmpty() || lowers.size() > MAX_LOWERS) {
      throw new IllegalArgumentException(
          "an overlay has 1 to " + MAX_LOWERS + " lower folders, not " + lowers.size());
    }
  }
}
