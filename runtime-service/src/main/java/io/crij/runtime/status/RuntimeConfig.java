package io.crij.runtime.status;

import io.crij.cri.v1.CgroupDriver;
import io.crij.cri.v1.LinuxRuntimeConfiguration;
import io.crij.cri.v1.RuntimeConfigRequest;
import io.crij.cri.v1.RuntimeConfigResponse;
import io.crij.runtime.RuntimeServiceConfig;

/** Tells the kubelet which cgroup driver to use. */
public final class RuntimeConfig {
  private final RuntimeServiceConfig config;

  public RuntimeConfig(RuntimeServiceConfig config) {
    this.config = config;
  }

  @SuppressWarnings("UnusedVariable") // Named as the RPC, whose request is empty.
  public RuntimeConfigResponse run(RuntimeConfigRequest request) {
    CgroupDriver driver =
        switch (config.cgroupManager()) {
          case CGROUPFS -> CgroupDriver.CGROUPFS;
          case SYSTEMD -> CgroupDriver.SYSTEMD;
        };
    return RuntimeConfigResponse.newBuilder()
        .setLinux(LinuxRuntimeConfiguration.newBuilder().setCgroupDriver(driver))
        .build();
  }
}
