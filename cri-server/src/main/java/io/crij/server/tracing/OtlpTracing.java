package io.crij.server.tracing;

import io.crij.image.pull.PullStages;
import io.crij.runtime.names.StageWatch;
import io.crij.server.build.Build;
import io.crij.server.config.telemetry.TracingConfig;
import io.grpc.ServerInterceptor;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends spans by OTLP over gRPC, without TLS, as CRI-O does. A collector that is not there costs
 * the spans: so many wait at most, the rest is dropped.
 */
final class OtlpTracing implements Tracing.On {
  private static final Logger log = LoggerFactory.getLogger(OtlpTracing.class);

  private static final int MOST_WAITING = 2048;
  private static final Duration DELAY = Duration.ofSeconds(2);
  private static final Duration EXPORT_LIMIT = Duration.ofSeconds(10);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(2);
  private static final double MILLION = 1e6;

  private final SdkTracerProvider provider;
  private final Tracer tracer;

  private OtlpTracing(SdkTracerProvider provider) {
    this.provider = provider;
    this.tracer = provider.get("io.crij", Build.VERSION);
  }

  static OtlpTracing open(TracingConfig config) {
    OtlpGrpcSpanExporter exporter =
        OtlpGrpcSpanExporter.builder()
            .setEndpoint("http://" + config.endpoint())
            .setTimeout(EXPORT_LIMIT)
            .build();
    BatchSpanProcessor batches =
        BatchSpanProcessor.builder(exporter)
            .setMaxQueueSize(MOST_WAITING)
            .setScheduleDelay(DELAY)
            .setExporterTimeout(EXPORT_LIMIT)
            .build();
    // As CRI-O: who calls may ask for spans of its call, whatever the rate of ours.
    Sampler share = Sampler.traceIdRatioBased(config.samplesPerMillion() / MILLION);
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .setResource(resource())
            .setSampler(Sampler.parentBased(share))
            .addSpanProcessor(batches)
            .build();
    log.info("spans go to {}", config.endpoint());
    return new OtlpTracing(provider);
  }

  /** By OpenTelemetry's names (semantic conventions, "Service" and "Process"). */
  private static Resource resource() {
    return Resource.create(
        Attributes.builder()
            .put("service.name", "crijd")
            .put("service.version", Build.VERSION)
            .put("process.pid", ProcessHandle.current().pid())
            .build());
  }

  @Override
  public List<ServerInterceptor> interceptors() {
    return List.of(new CallSpans(tracer));
  }

  @Override
  public StageWatch stages() {
    return new StageSpans(tracer);
  }

  @Override
  public PullStages pulls() {
    return new PullSpans(tracer);
  }

  /** Sends what waits, if that can be done soon. */
  @Override
  public void close() {
    var _ = provider.shutdown().join(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }
}
