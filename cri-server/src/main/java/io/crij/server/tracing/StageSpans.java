package io.crij.server.tracing;

import io.crij.runtime.names.Stage;
import io.crij.runtime.names.StageWatch;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import org.jspecify.annotations.Nullable;

/** A span for each stage, below that of the call that asked first. */
final class StageSpans implements StageWatch {
  private final Tracer tracer;

  StageSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public Making begins() {
    return new Spans(CallSpans.ofCall());
  }

  @Override
  public void stalled(Stage stage) {
    Span.fromContext(CallSpans.ofCall()).addEvent("left at " + stage.label());
  }

  private final class Spans implements Making {
    private final Context parent;
    private Span current;

    Spans(Context parent) {
      this.parent = parent;
      current = begin(Stage.BEGINNING);
    }

    private Span begin(Stage stage) {
      return tracer.spanBuilder(stage.label()).setParent(parent).startSpan();
    }

    @Override
    public void stage(Stage stage) {
      if (stage == Stage.TAKING_BACK) {
        current.setStatus(StatusCode.ERROR);
      }
      current.end();
      current = begin(stage);
    }

    @Override
    public void ends(@Nullable Throwable failure) {
      if (failure != null) {
        current.setStatus(StatusCode.ERROR);
      }
      current.end();
    }
  }
}
