package io.crij.runtime.settings;

import java.time.Duration;

/**
 * What differs from one OCI runtime to another.
 *
 * @param minMemoryBytes the least memory limit that it comes up with
 * @param annotations what those of its pods mean
 * @param privilegedDevices whether privileged containers have the node's devices
 * @param execOnFirstCpu whether what is executed in a container begins on the first of its
 *     processors, of the shared ones if it has such
 * @param createLimit how long it may take to create a container
 * @param syncsLog whether logs are on the disk when they are renamed away, and when their container
 *     has ended
 */
public record HandlerSettings(
    long minMemoryBytes,
    HandlerAnnotations annotations,
    boolean privilegedDevices,
    boolean execOnFirstCpu,
    Duration createLimit,
    boolean syncsLog) {
  /** Below 6 MiB runc's own first process does not come up (moby refuses the same). */
  public static final HandlerSettings USUAL =
      new HandlerSettings(
          6L << 20, HandlerAnnotations.USUAL, true, false, Duration.ofMinutes(4), false);
}
