package io.crij.runtime.sandbox;

/**
 * Where a sandbox is in its life.
 *
 * <pre>
 *   CREATING ──> READY ──────────────> NOTREADY ──> (removed)
 *       │          └────> BROKEN ─────────┘             │
 *       └──────> FAILED ────────────────────────────────┘
 * </pre>
 */
public enum SandboxState {
  /** Its intent is recorded; what it has on the node is being made. Not listed. */
  CREATING,
  READY,
  /** Stopped or being stopped: nothing new starts in it, and what is left of it is freed. */
  NOTREADY,
  /**
   * Its namespaces are gone, but its containers may run on: they are let live until the pod is
   * stopped. Listed as not ready.
   */
  BROKEN,
  /**
   * It could not be made, and not all of it could be taken back yet. Listed as not ready, so that
   * nothing of it is invisible; its name is free.
   */
  FAILED;

  /** Whether it is shown by ListPodSandbox. */
  public boolean isListed() {
    return this != CREATING;
  }

  /** Whether another sandbox must not take its name. */
  public boolean holdsName() {
    return this == READY || this == NOTREADY || this == BROKEN;
  }
}
