package io.crij.linux.mount;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An overlay to be mounted.
 *
 * @param lowers folders from the topmost down, at least one
 * @param upper where writes go; null for an overlay that is only read
 * @param work an empty folder on the file system of {@code upper}; null without one
 * @param volatileUpper the kernel never syncs it, and refuses to mount this upper again
 * @param context label of SELinux that every file is to have, whatever its layer says; empty: none
 */
public record Overlay(
    List<Path> lowers,
    @Nullable Path upper,
    @Nullable Path work,
    boolean volatileUpper,
    String context) {
  /** The kernel's own limit (OVL_MAX_STACK). */
  public static final int MAX_LOWERS = 500;

  public Overlay {
    lowers = List.copyOf(lowers);
    if (lowers.isEmpty() || lowers.size() > MAX_LOWERS) {
      throw new IllegalArgumentException(
          "an overlay has 1 to " + MAX_LOWERS + " lower folders, not " + lowers.size());
    }
    if ((upper == null) != (work == null) || (upper == null && lowers.size() == 1)) {
      throw new IllegalArgumentException("an overlay has an upper folder or two lower ones");
    }
  }

  /** One whose files have the labels of their layers. */
  public Overlay(
      List<Path> lowers, @Nullable Path upper, @Nullable Path work, boolean volatileUpper) {
    this(lowers, upper, work, volatileUpper, "");
  }

  /** One that is only read, of at least two folders. */
  public static Overlay readOnly(List<Path> lowers, String context) {
    return new Overlay(lowers, null, null, false, context);
  }
}
