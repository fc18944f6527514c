package io.crij.server.tracing;

import io.crij.image.pull.PullStages;
import io.opentelemetry.api.trace.Tracer;

/** A span for each stage of a pull, below that of the call that asked first. */
final class PullSpans implements PullStages {
  private final Tracer tracer;

  PullSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public Asked asked() {
    return new Spans();
  }

  private final class Spans implements Asked {
    private final SuccessiveSpans spans = new SuccessiveSpans(tracer);

    @Override
    public void stage(Stage stage) {
      spans.next(stage.label());
    }

    @Override
    public void ends(boolean isDone) {
      spans.end(isDone);
    }
  }
}
