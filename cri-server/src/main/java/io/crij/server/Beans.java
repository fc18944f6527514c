package io.crij.server;

import io.crij.image.pull.PullImage;
import io.crij.image.service.ImageService;
import io.crij.records.Database;
import io.crij.runtime.service.RuntimeService;
import io.crij.runtime.service.Watch;
import io.crij.server.admin.AdminVerbs;
import io.crij.server.config.ServerConfig;
import io.crij.server.cri.ImageVerbs;
import io.crij.server.cri.RuntimeVerbs;
import io.crij.server.log.LogSetup;
import io.crij.server.metrics.Meters;
import io.crij.server.rpc.CallMeters;
import io.crij.server.rpc.GrpcServers;
import io.crij.server.rpc.Readiness;
import io.crij.server.streaming.StreamingServer;
import io.crij.server.tracing.Tracing;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What is made of what. The services know nothing of it: they are made by their own factories. */
@Factory
final class Beans {
  @Singleton
  @Bean(preDestroy = "close")
  Database database(ServerConfig config) {
    return Database.open(
        config.root().resolve("crij.db"), List.of(ImageService.SCHEMA, RuntimeService.SCHEMA));
  }

  @Singleton
  @Bean(preDestroy = "close")
  ImageService images(ServerConfig config, Database database, Meters meters, Tracing tracing) {
    return ImageService.open(
        config.images(), database, new PullImage.Watch(meters.registry(), tracing.pulls()));
  }

  @Singleton
  Meters meters(ServerConfig config) {
    Meters meters = Meters.open(config.metrics());
    LogSetup.measure(meters.registry());
    return meters;
  }

  /** Starts or finds the monitor and recovers what the records know: this takes its time. */
  @Singleton
  @Bean(preDestroy = "close")
  RuntimeService runtime(
      ServerConfig config, Database database, ImageService images, Meters meters, Tracing tracing) {
    return RuntimeService.open(
        config.runtime(), database, images, new Watch(meters.registry(), tracing.stages()));
  }

  @Singleton
  @Bean(preDestroy = "close")
  StreamingServer streaming(ServerConfig config, RuntimeService runtime) throws IOException {
    return StreamingServer.start(config.streaming(), runtime);
  }

  @Singleton
  @Bean(preDestroy = "close")
  Tracing tracing(ServerConfig config) {
    return Tracing.open(config.tracing());
  }

  @Singleton
  GrpcServers servers(
      ServerConfig config, Readiness readiness, Services services, Meters meters, Tracing tracing) {
    List<ServerInterceptor> interceptors = new ArrayList<>(tracing.interceptors());
    if (meters instanceof Meters.Served served) {
      // Only where somebody reads them: they are many.
      interceptors.add(new CallMeters(served.registry(), services.cri()));
    }
    return new GrpcServers(config, readiness, interceptors, services.cri(), services.admin());
  }

  /** What is served. */
  record Services(List<ServerServiceDefinition> cri, ServerServiceDefinition admin) {}

  @Singleton
  Services services(RuntimeVerbs runtime, ImageVerbs images, AdminVerbs admin) {
    return new Services(List.of(runtime.bind(), images.bind()), admin.bind());
  }
}
