package io.crij.runtime.pod;

import io.crij.cri.v1.RemovePodSandboxRequest;
import io.crij.cri.v1.RemovePodSandboxResponse;
import io.crij.runtime.names.JoinedCalls;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxStore;

/** Removes a pod with its containers, by force. Idempotent, also for a sandbox that is gone. */
public final class RemovePodSandbox {
  private final SandboxStore sandboxes;
  private final PodTeardown teardown;
  private final JoinedCalls calls = new JoinedCalls("remove pod sandbox");

  RemovePodSandbox(SandboxStore sandboxes, PodTeardown teardown) {
    this.sandboxes = sandboxes;
    this.teardown = teardown;
  }

  public RemovePodSandboxResponse run(RemovePodSandboxRequest request) {
    Sandbox sandbox = sandboxes.find(request.getPodSandboxId());
    if (sandbox != null) {
      calls.run(sandbox.id(), () -> teardown.remove(sandbox.id()));
    }
    return RemovePodSandboxResponse.getDefaultInstance();
  }
}
