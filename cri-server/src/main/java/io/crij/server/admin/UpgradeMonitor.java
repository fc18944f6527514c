package io.crij.server.admin;

import io.crij.admin.v1.UpgradeMonitorRequest;
import io.crij.admin.v1.UpgradeMonitorResponse;
import io.crij.runtime.ServiceException;
import io.crij.runtime.monitor.MonitorInfo;
import io.crij.runtime.service.RuntimeService;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;

/** Puts another conmon-j in the place of the one that runs; containers run on. */
@Singleton
final class UpgradeMonitor {
  private final Provider<RuntimeService> runtime;

  UpgradeMonitor(Provider<RuntimeService> runtime) {
    this.runtime = runtime;
  }

  UpgradeMonitorResponse upgradeMonitor(UpgradeMonitorRequest request) {
    String program = request.getProgram();
    if (!program.isEmpty() && !program.startsWith("/")) {
      throw new ServiceException.InvalidArgument("program: not an absolute path: " + program);
    }
    String before = runtime.get().upgradeMonitor(program);
    MonitorInfo now = runtime.get().monitor();
    return UpgradeMonitorResponse.newBuilder()
        .setPid(now.pid())
        .setFromVersion(before)
        .setVersion(now.version())
        .build();
  }
}
