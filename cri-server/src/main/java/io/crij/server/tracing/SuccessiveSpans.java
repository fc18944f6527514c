package io.crij.server.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import org.jspecify.annotations.Nullable;

/** Spans one after the other, below that of the call which the thread that makes this answers. */
final class SuccessiveSpans {
  private final Tracer tracer;
  private final Context parent = CallSpans.ofCall();
  private @Nullable Span current;

  SuccessiveSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  /** Ends the one before, and begins another. */
  void next(String name) {
    end(true);
    current = tracer.spanBuilder(name).setParent(parent).startSpan();
  }

  /** What the present one is about has failed. */
  void failed() {
    if (current != null) {
      current.setStatus(StatusCode.ERROR);
    }
  }

  /** Ends the last one. */
  void end(boolean isDone) {
    if (!isDone) {
      failed();
    }
    if (current != null) {
      current.end();
      current = null;
    }
  }
}
