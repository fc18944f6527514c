package io.crij.server.tracing;

import io.crij.server.rpc.OwnCalls;
import io.crij.server.rpc.Subject;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A span for each call, whose parent its caller may name (W3C Trace Context, which kubelets send).
 * Streams have none: they take as long as their client wants.
 */
final class CallSpans implements ServerInterceptor {
  /** The span of the call that a thread answers. */
  private static final io.grpc.Context.Key<Context> CURRENT = io.grpc.Context.key("span");

  private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();

  private final Tracer tracer;

  CallSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  /** The parent of what is done by this thread. */
  static Context ofCall() {
    Context call = CURRENT.get();
    return call == null ? Context.root() : call;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    MethodDescriptor<Q, A> method = call.getMethodDescriptor();
    if (method.getType() != MethodType.UNARY || OwnCalls.isOwn(headers)) {
      return next.startCall(call, headers);
    }
    Context parent = W3C.extract(Context.root(), headers, new Headers());
    // By OpenTelemetry's names (semantic conventions for gRPC).
    Span span =
        tracer
            .spanBuilder(method.getFullMethodName())
            .setSpanKind(SpanKind.SERVER)
            .setParent(parent)
            .setAttribute("rpc.system", "grpc")
            .setAttribute("rpc.service", String.valueOf(method.getServiceName()))
            .setAttribute("rpc.method", String.valueOf(method.getBareMethodName()))
            .startSpan();
    io.grpc.Context context = io.grpc.Context.current().withValue(CURRENT, parent.with(span));
    Call<Q, A> traced = new Call<>(call, span);
    return new Listener<>(Contexts.interceptCall(context, traced, headers, next), traced);
  }

  /** Of metadata; binary ones are no matter of W3C. */
  private static final class Headers implements TextMapGetter<Metadata> {
    @Override
    public Iterable<String> keys(Metadata headers) {
      return headers.keys();
    }

    @Override
    public @Nullable String get(@Nullable Metadata headers, String key) {
      return headers == null
          ? null
          : headers.get(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER));
    }
  }

  private static void end(Span span, Status.Code code) {
    span.setAttribute("rpc.grpc.status_code", code.value());
    if (code != Status.Code.OK) {
      // Not its message: that may quote what a tenant wrote.
      span.setStatus(StatusCode.ERROR, code.name());
    }
    span.end();
  }

  private static final class Call<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final Span span;
    // Written on the event loop before the verb begins, and by who answers.
    private String subject = "";

    Call(ServerCall<Q, A> call, Span span) {
      super(call);
      this.span = span;
    }

    private void isAbout(Supplier<String> told) {
      String more = span.isRecording() ? told.get() : "";
      if (!more.isEmpty()) {
        subject += more;
        span.setAttribute("crij.subject", subject.strip());
      }
    }

    @Override
    public void sendMessage(A answer) {
      isAbout(() -> Subject.made(getMethodDescriptor(), answer));
      super.sendMessage(answer);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      super.close(status, trailers);
      end(span, status.getCode());
    }
  }

  private static final class Listener<Q> extends SimpleForwardingServerCallListener<Q> {
    private final Call<Q, ?> call;

    Listener(ServerCall.Listener<Q> listener, Call<Q, ?> call) {
      super(listener);
      this.call = call;
    }

    @Override
    public void onMessage(Q request) {
      call.isAbout(() -> Subject.of(request));
      super.onMessage(request);
    }

    /** The caller left, and what it asked for goes on. */
    @Override
    public void onCancel() {
      end(call.span, Status.Code.CANCELLED);
      super.onCancel();
    }
  }
}
