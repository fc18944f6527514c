package io.crij.runtime.settings;

import java.util.Set;

/**
 * What differs from one OCI runtime to another.
 *
 * @param minMemoryBytes the least memory limit that it comes up with
 * @param allowed what annotations of its pods may ask for
 */
public record HandlerSettings(long minMemoryBytes, Set<PodAnnotation> allowed) {
  /** Below 6 MiB runc's own first process does not come up (moby refuses the same). */
  public static final HandlerSettings USUAL =
      new HandlerSettings(6L << 20, Set.of(PodAnnotation.SHM_SIZE));

  public HandlerSettings {
    allowed = Set.copyOf(allowed);
  }
}
