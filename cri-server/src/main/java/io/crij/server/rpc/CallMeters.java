package io.crij.server.rpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * How long calls take, by method and by how they ended. Streams are left out: they take as long as
 * their client wants.
 */
public final class CallMeters implements ServerInterceptor {
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(10),
    Duration.ofMillis(100),
    Duration.ofSeconds(1),
    Duration.ofSeconds(10),
    Duration.ofMinutes(2)
  };

  private record Outcome(String method, Status.Code code) {}

  private final MeterRegistry registry;
  private final Set<String> measured;
  private final Map<Outcome, Timer> timers = new ConcurrentHashMap<>();

  /**
   * @param services whose calls are measured
   */
  public CallMeters(MeterRegistry registry, List<ServerServiceDefinition> services) {
    this.registry = registry;
    List<MethodDescriptor<?, ?>> methods =
        services.stream()
            .flatMap(service -> service.getServiceDescriptor().getMethods().stream())
            .filter(method -> method.getType() == MethodType.UNARY)
            .toList();
    this.measured =
        methods.stream().map(MethodDescriptor::getFullMethodName).collect(Collectors.toSet());
    methods.forEach(method -> {
      Timer _ = timer(method, Status.Code.OK);
    });
  }

  private Timer timer(MethodDescriptor<?, ?> method, Status.Code code) {
    return timers.computeIfAbsent(
        new Outcome(String.valueOf(method.getBareMethodName()), code),
        outcome ->
            Timer.builder("crij.rpc")
                .description("Calls of the CRI, and how long they took")
                .tag("method", outcome.method())
                .tag("code", outcome.code().name().toLowerCase(Locale.ROOT))
                .serviceLevelObjectives(BUCKETS)
                .register(registry));
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    MethodDescriptor<Q, A> method = call.getMethodDescriptor();
    if (!measured.contains(method.getFullMethodName()) || OwnCalls.isOwn(headers)) {
      return next.startCall(call, headers);
    }
    long startNanos = System.nanoTime();
    return next.startCall(
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            super.close(status, trailers);
            timer(method, status.getCode())
                .record(Duration.ofNanos(System.nanoTime() - startNanos));
          }
        },
        headers);
  }
}
