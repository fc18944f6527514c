package io.crij.runtime.settings;

import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What differs from one OCI runtime to another.
 *
 * @param minMemoryBytes the least memory limit that it comes up with
 * @param allowed what annotations of its pods may ask for
 * @param seccompProfile what RuntimeDefault means; null: as for the others
 * @param keepsDevices whether its privileged containers have none of the node's devices unasked
 */
public record HandlerSettings(
    long minMemoryBytes,
    Set<PodAnnotation> allowed,
    @Nullable Path seccompProfile,
    boolean keepsDevices) {
  /** Below 6 MiB runc's own first process does not come up (moby refuses the same). */
  public static final HandlerSettings USUAL =
      new HandlerSettings(6L << 20, Set.of(PodAnnotation.SHM_SIZE), null, false);

  public HandlerSettings {
    allowed = Set.copyOf(allowed);
  }
}
