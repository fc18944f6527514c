package io.crij.server;

import io.crij.image.service.ImageService;
import io.crij.records.Database;
import io.crij.runtime.names.StageWatch;
import io.crij.runtime.service.RuntimeService;
import io.crij.runtime.service.Watch;
import io.crij.server.admin.AdminVerbs;
import io.crij.server.config.ServerConfig;
import io.crij.server.cri.ImageVerbs;
import io.crij.server.cri.RuntimeVerbs;
import io.crij.server.metrics.Meters;
import io.crij.server.rpc.CallMeters;
import io.crij.server.rpc.GrpcServers;
import io.crij.server.rpc.Readiness;
import io.crij.server.streaming.StreamingServer;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import jakarta.inject.Singleton;
import java.io.IOException;
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
  ImageService images(ServerConfig config, Database database, Meters meters) {
    return ImageService.open(config.images(), database, meters.registry());
  }

  @Singleton
  Meters meters(ServerConfig config) {
    Meters meters = Meters.open(config.metrics().isEnabled());
    LogSetup.measure(meters.registry());
    return meters;
  }

  /** Starts or finds the monitor and recovers what the records know: this takes its time. */
  @Singleton
  @Bean(preDestroy = "close")
  RuntimeService runtime(
      ServerConfig config, Database database, ImageService images, Meters meters) {
    return RuntimeService.open(
        config.runtime(), database, images, new Watch(meters.registry(), StageWatch.NONE));
  }

  @Singleton
  @Bean(preDestroy = "close")
  StreamingServer streaming(ServerConfig config, RuntimeService runtime) throws IOException {
    return StreamingServer.start(config.streaming(), runtime);
  }

  @Singleton
  GrpcServers servers(
      ServerConfig config,
      Readiness readiness,
      RuntimeVerbs runtime,
      ImageVerbs images,
      AdminVerbs admin,
      Meters meters) {
    List<ServerServiceDefinition> cri = List.of(runtime.bind(), images.bind());
    return new GrpcServers(config, readiness, interceptors(meters, cri), cri, admin.bind());
  }

  /** Calls are measured only where somebody reads it: there are many figures. */
  private static List<ServerInterceptor> interceptors(
      Meters meters, List<ServerServiceDefinition> cri) {
    return switch (meters) {
      case Meters.Served served -> List.of(new CallMeters(served.registry(), cri));
      case Meters.Kept _ -> List.of();
    };
  }
}
