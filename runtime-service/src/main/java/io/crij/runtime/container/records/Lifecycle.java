package io.crij.runtime.container.records;

import io.crij.cri.v1.ContainerState;
import io.crij.linux.process.ProcessId;
import io.crij.runtime.oci.rootfs.ContainerIdentity;
import org.jspecify.annotations.Nullable;

/**
 * Where a container is in its life. The state follows from the times, so that the two cannot
 * contradict.
 *
 * <pre>
 *   (being made) ──> CREATED ──> RUNNING ──> EXITED ──> (removed)
 *                        └───────────────────────┘
 * </pre>
 *
 * @param createdAt nanoseconds since 1970; 0: it is being made, or could not be
 * @param startedAt nanoseconds since 1970; 0: not started
 * @param finishedAt nanoseconds since 1970; 0: not ended
 * @param reason in CamelCase, when it is not the exit code alone; may be empty
 * @param message for people; may be empty
 * @param process the first one; null before there is one
 * @param user whom it runs as; null before it is looked up in the image
 * @param cgroupBelow where the OCI runtime has put the first process, relative to the container's
 *     cgroup; empty: just there
 */
public record Lifecycle(
    long createdAt,
    long startedAt,
    long finishedAt,
    int exitCode,
    boolean oomKilled,
    String reason,
    String message,
    @Nullable ProcessId process,
    @Nullable ContainerIdentity user,
    String cgroupBelow) {

  /** Of a container that is about to be made. */
  public static Lifecycle beingMade() {
    return new Lifecycle(0, 0, 0, 0, false, "", "", null, null, "");
  }

  public boolean isBeingMade() {
    return createdAt == 0;
  }

  public boolean isRunning() {
    return state() == ContainerState.CONTAINER_RUNNING;
  }

  public boolean hasEnded() {
    return finishedAt != 0;
  }

  public ContainerState state() {
    if (finishedAt != 0) {
      return ContainerState.CONTAINER_EXITED;
    }
    return startedAt != 0 ? ContainerState.CONTAINER_RUNNING : ContainerState.CONTAINER_CREATED;
  }

  public Lifecycle created(
      long at, ProcessId newProcess, ContainerIdentity newUser, String newCgroupBelow) {
    return new Lifecycle(
        at,
        startedAt,
        finishedAt,
        exitCode,
        oomKilled,
        reason,
        message,
        newProcess,
        newUser,
        newCgroupBelow);
  }

  /** Also when the node's clock was set back meanwhile, one time is not before the other. */
  public Lifecycle started(long at) {
    return new Lifecycle(
        createdAt,
        Math.max(at, createdAt),
        finishedAt,
        exitCode,
        oomKilled,
        reason,
        message,
        process,
        user,
        cgroupBelow);
  }

  /** How a container ended. The first end that is known stays. */
  public record End(long at, int exitCode, boolean oomKilled, String reason, String message) {}

  public Lifecycle ended(End end) {
    return hasEnded()
        ? this
        : new Lifecycle(
            createdAt,
            startedAt,
            Math.max(end.at(), Math.max(createdAt, startedAt)),
            end.exitCode(),
            end.oomKilled(),
            end.reason(),
            end.message(),
            process,
            user,
            cgroupBelow);
  }

  /** The same end, told more exactly. */
  public Lifecycle withReason(int newExitCode, String newReason, String newMessage) {
    return new Lifecycle(
        createdAt,
        startedAt,
        finishedAt,
        newExitCode,
        oomKilled,
        newReason,
        newMessage,
        process,
        user,
        cgroupBelow);
  }
}
