package io.crij.server.tracing;

import io.crij.runtime.names.Stage;
import io.crij.runtime.names.StageWatch;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import org.jspecify.annotations.Nullable;

/** A span for each stage, below that of the call that asked first. */
final class StageSpans implements StageWatch {
  private final Tracer tracer;

  StageSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public Making begins() {
    return new Spans();
  }

  @Override
  public void stalled(Stage stage) {
    Span.fromContext(CallSpans.ofCall()).addEvent("left at " + stage.label());
  }

  private final class Spans implements Making {
    private final SuccessiveSpans spans = new SuccessiveSpans(tracer);

    Spans() {
      spans.next(Stage.BEGINNING.label());
    }

    @Override
    public void stage(Stage stage) {
      if (stage == Stage.TAKING_BACK) {
        spans.failed();
      }
      spans.next(stage.label());
    }

    @Override
    public void ends(@Nullable Throwable failure) {
      spans.end(failure == null);
    }
  }
}
