package io.crij.runtime.resources;

import io.crij.cri.v1.LinuxPodSandboxConfig;
import io.crij.cri.v1.UpdatePodSandboxResourcesRequest;
import io.crij.cri.v1.UpdatePodSandboxResourcesResponse;
import io.crij.runtime.ServiceException;
import io.crij.runtime.oci.node.NodeFacts;
import io.crij.runtime.oci.spec.Resources;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxStore;

/**
 * Notes what a pod has as a whole. Its cgroup is the kubelet's, which has changed it already: "This
 * method is called _after_ the Kubelet reconfigures the pod-level cgroups" (CRI).
 */
public final class UpdatePodSandboxResources {
  private final SandboxStore sandboxes;
  private final NodeFacts node;

  public UpdatePodSandboxResources(SandboxStore sandboxes, NodeFacts node) {
    this.sandboxes = sandboxes;
    this.node = node;
  }

  /**
   * @throws ServiceException.NotFound when there is no such pod
   * @throws ServiceException.FailedPrecondition when it was stopped
   * @throws ServiceException.InvalidArgument naming the field
   */
  public UpdatePodSandboxResourcesResponse run(UpdatePodSandboxResourcesRequest request) {
    Sandbox sandbox = sandboxes.get(request.getPodSandboxId());
    if (!sandbox.mayRun()) {
      throw new ServiceException.FailedPrecondition(
          "pod sandbox " + sandbox.id() + " is stopped: its resources cannot be changed");
    }
    LinuxPodSandboxConfig.Builder linux = LinuxPodSandboxConfig.newBuilder();
    if (request.hasOverhead()) {
      Resources.checkOfPod("overhead", request.getOverhead(), node);
      linux.setOverhead(request.getOverhead());
    }
    if (request.hasResources()) {
      Resources.checkOfPod("resources", request.getResources(), node);
      linux.setResources(request.getResources());
    }
    sandboxes.setResources(sandbox.id(), linux.build());
    return UpdatePodSandboxResourcesResponse.getDefaultInstance();
  }
}
