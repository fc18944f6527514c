package io.crij.server.cri;

import io.crij.cri.v1.VersionRequest;
import io.crij.cri.v1.VersionResponse;
import io.crij.server.build.Build;

/** Names the runtime and its version. */
final class Version {
  /** VersionResponse.version, "Version of the kubelet runtime API": what every runtime answers. */
  private static final String KUBELET_API = "0.1.0";

  VersionResponse version(@SuppressWarnings("unused") VersionRequest request) {
    return VersionResponse.newBuilder()
        .setVersion(KUBELET_API)
        .setRuntimeName("crij")
        .setRuntimeVersion(Build.VERSION)
        .setRuntimeApiVersion("v1")
        .build();
  }
}
