package io.crij.runtime.cni;

import io.crij.cri.v1.PodSandboxMetadata;

/**
 * Whose network it is.
 *
 * @param metadata checked: its texts contain neither {@code ;} nor {@code =}
 */
public record PodIdentity(String sandboxId, PodSandboxMetadata metadata) {
  /** The arguments that Kubernetes' runtimes give to plugins (CNI conventions). */
  String cniArgs() {
    return "IgnoreUnknown=1;K8S_POD_NAMESPACE="
        + metadata.getNamespace()
        + ";K8S_POD_NAME="
        + metadata.getName()
        + ";K8S_POD_INFRA_CONTAINER_ID="
        + sandboxId
        + ";K8S_POD_UID="
        + metadata.getUid();
  }
}
