package io.crij.server.admin;

import io.crij.admin.v1.InfoRequest;
import io.crij.admin.v1.InfoResponse;
import io.crij.admin.v1.PullsOfResult;
import io.crij.admin.v1.PullsSoFar;
import io.crij.image.pull.PullCounters;
import io.crij.image.service.ImageService;
import io.crij.runtime.monitor.MonitorInfo;
import io.crij.runtime.service.RuntimeService;
import io.crij.server.build.Build;
import io.crij.server.config.ServerConfig;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.Locale;

/** Version, directories and processes of this instance. */
@Singleton
final class Info {
  private final ServerConfig config;
  private final Provider<RuntimeService> runtime;
  private final Provider<ImageService> images;

  Info(ServerConfig config, Provider<RuntimeService> runtime, Provider<ImageService> images) {
    this.config = config;
    this.runtime = runtime;
    this.images = images;
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
        .setPulls(pulls(images.get().pullCounters()))
        .build();
  }

  private static PullsSoFar pulls(PullCounters counters) {
    PullsSoFar.Builder pulls =
        PullsSoFar.newBuilder()
            .setLayers(counters.layers())
            .setDownloadedBytes(counters.receivedBytes())
            .setSeconds(counters.taken().toMillis() / 1e3);
    counters
        .results()
        .forEach((result, count) ->
            pulls.addResults(
                PullsOfResult.newBuilder()
                    .setResult(result.name().toLowerCase(Locale.ROOT))
                    .setCount(count)));
    return pulls.build();
  }
}
