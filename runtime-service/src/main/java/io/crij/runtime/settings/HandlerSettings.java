package io.crij.runtime.settings;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What differs from one OCI runtime to another.
 *
 * @param minMemoryBytes the least memory limit that it comes up with
 * @param annotations what those of its pods mean
 * @param seccompProfile what RuntimeDefault means; null: as for the others
 * @param keepsDevices whether its privileged containers have none of the node's devices unasked
 * @param execOnFirstCpu whether what is executed in a container begins on the first of its
 *     processors, of the shared ones if it has such
 * @param createLimit how long it may take to create a container
 * @param baseSpec specification below those that are made; null: none
 * @param syncsLog whether logs are on the disk when they are renamed away, and when their container
 *     has ended
 */
public record HandlerSettings(
    long minMemoryBytes,
    HandlerAnnotations annotations,
    @Nullable Path seccompProfile,
    boolean keepsDevices,
    boolean execOnFirstCpu,
    Duration createLimit,
    @Nullable Path baseSpec,
    boolean syncsLog) {
  /** Below 6 MiB runc's own first process does not come up (moby refuses the same). */
  public static final HandlerSettings USUAL =
      new HandlerSettings(
          6L << 20,
          HandlerAnnotations.USUAL,
          null,
          false,
          false,
          Duration.ofMinutes(4),
          null,
          true);
}
