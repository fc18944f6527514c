package io.crij.server.tracing;

import io.crij.image.pull.PullStages;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import org.jspecify.annotations.Nullable;

/** A span for each stage of a pull, below that of the call that asked first. */
final class PullSpans implements PullStages {
  private final Tracer tracer;

  PullSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public Asked asked() {
    return new Spans(CallSpans.ofCall());
  }

  private final class Spans implements Asked {
    private final Context parent;
    private @Nullable Span current;

    Spans(Context parent) {
      this.parent = parent;
    }

    @Override
    public void stage(Stage stage) {
      end(true);
      current = tracer.spanBuilder(stage.label()).setParent(parent).startSpan();
    }

    @Override
    public void ends(boolean isDone) {
      end(isDone);
    }

    private void end(boolean isDone) {
      Span ended = current;
      current = null;
      if (ended != null) {
        if (!isDone) {
          ended.setStatus(StatusCode.ERROR);
        }
        ended.end();
      }
    }
  }
}
