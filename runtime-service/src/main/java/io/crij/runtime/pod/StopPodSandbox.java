package io.crij.runtime.pod;

import io.crij.cri.v1.StopPodSandboxRequest;
import io.crij.cri.v1.StopPodSandboxResponse;
import io.crij.runtime.names.JoinedCalls;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxStore;

/**
 * Stops the containers of a pod and frees its network. Idempotent, also for a sandbox that is gone.
 */
public final class StopPodSandbox {
  private final SandboxStore sandboxes;
  private final PodTeardown teardown;
  private final PodRetries retries;
  private final JoinedCalls calls = new JoinedCalls("stop pod sandbox");

  StopPodSandbox(SandboxStore sandboxes, PodTeardown teardown, PodRetries retries) {
    this.sandboxes = sandboxes;
    this.teardown = teardown;
    this.retries = retries;
  }

  public StopPodSandboxResponse run(StopPodSandboxRequest request) {
    Sandbox sandbox = sandboxes.find(request.getPodSandboxId());
    if (sandbox != null) {
      calls.run(sandbox.id(), () -> stop(sandbox.id()));
    }
    return StopPodSandboxResponse.getDefaultInstance();
  }

  private void stop(String id) {
    try {
      teardown.stop(id);
    } catch (RuntimeException e) {
      retries.add(id, () -> teardown.stop(id));
      throw e;
    }
  }
}
