package io.crij.server.tracing;

import io.crij.image.pull.PullStages;
import io.crij.runtime.names.StageWatch;
import io.crij.server.config.telemetry.TracingConfig;
import io.grpc.ServerInterceptor;
import java.util.List;

/** Whether spans are sent to a collector. */
public sealed interface Tracing extends AutoCloseable {
  static Tracing open(TracingConfig config) {
    return config.isEnabled() ? OtlpTracing.open(config) : new Off();
  }

  /** For the calls of the CRI. */
  List<ServerInterceptor> interceptors();

  /** For what is made by them. */
  StageWatch stages();

  /** For images that are pulled. */
  PullStages pulls();

  @Override
  void close();

  /** No spans are made. */
  record Off() implements Tracing {
    @Override
    public List<ServerInterceptor> interceptors() {
      return List.of();
    }

    @Override
    public StageWatch stages() {
      return StageWatch.NONE;
    }

    @Override
    public PullStages pulls() {
      return PullStages.NONE;
    }

    @Override
    public void close() {
      // Nothing was opened.
    }
  }

  /** Spans go to a collector in the background. */
  non-sealed interface On extends Tracing {}
}
