package io.crij.server.admin;

import io.crij.admin.v1.InfoRequest;
import io.crij.admin.v1.InfoResponse;
import io.crij.runtime.monitor.MonitorInfo;
import io.crij.runtime.service.RuntimeService;
import io.crij.server.build.Build;
import io.crij.server.config.ServerConfig;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;

/** Version, directories and processes of this instance. */
@Singleton
final class Info {
  private final ServerConfig config;
  private final Provider<RuntimeService> runtime;

  Info(ServerConfig config, Provider<RuntimeService> runtime) {
    this.config = config;
    this.runtime = runtime;
  }

  InfoResponse info(@SuppressWarnings("unused") InfoRequest request) {
    MonitorInfo monitor = runtime.get().monitor();
    return InfoResponse.newBuilder()
        .setVersion(Build.VERSION)
        .setPid((int) ProcessHandle.current().pid())
        .setRoot(config.root().toString())
        .setRunroot(config.runroot().toString())
        .setListen("unix://" + config.listen())
        .setMonitorPid(monitor.pid())
        .setMonitorVersion(monitor.version())
        .build();
  }
}
