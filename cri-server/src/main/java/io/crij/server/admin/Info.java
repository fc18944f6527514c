package io.crij.server.admin;

import io.crij.admin.v1.InfoRequest;
import io.crij.admin.v1.InfoResponse;
import io.crij.server.Build;
import io.crij.server.config.ServerConfig;
import jakarta.inject.Singleton;

/** Version, directories and processes of this instance. */
@Singleton
final class Info {
  private final ServerConfig config;

  Info(ServerConfig config) {
    this.config = config;
  }

  InfoResponse info(@SuppressWarnings("unused") InfoRequest request) {
    return InfoResponse.newBuilder()
        .setVersion(Build.VERSION)
        .setPid((int) ProcessHandle.current().pid())
        .setRoot(config.root().toString())
        .setRunroot(config.runroot().toString())
        .setListen("unix://" + config.listen())
        .build();
  }
}
