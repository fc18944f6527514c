package io.crij.runtime.events;

import io.crij.cri.v1.PodSandboxStatusResponse;
import io.crij.runtime.container.records.ContainerStore;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxStore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What events say of a pod. Nothing but memory is read.
 *
 * @param status of a pod and of its containers, at this instant
 */
public record PodSnapshot(
    SandboxStore sandboxes,
    ContainerStore containers,
    Function<Sandbox, PodSandboxStatusResponse> status) {

  /** The pod with exactly this id, or null. */
  @Nullable Sandbox find(String sandboxId) {
    return sandboxes.find(sandboxId);
  }

  PodSandboxStatusResponse of(Sandbox sandbox) {
    return status.apply(sandbox);
  }

  /** Whether a process of the pod may live. */
  boolean lives(String sandboxId) {
    return containers.ofSandbox(sandboxId).stream()
        .anyMatch(container -> !container.life().isBeingMade() && !container.life().hasEnded());
  }
}
