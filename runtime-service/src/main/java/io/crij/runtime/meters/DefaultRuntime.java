package io.crij.runtime.meters;

import io.crij.runtime.ServiceException;
import io.crij.runtime.oci.RuntimeHandlers;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.List;

/** Names the runtime handler of pods that ask for none; while none can run there is no such row. */
final class DefaultRuntime {
  private final MultiGauge gauge;
  private final RuntimeHandlers handlers;

  DefaultRuntime(MeterRegistry registry, RuntimeHandlers handlers) {
    this.gauge =
        MultiGauge.builder("crij.default.runtime")
            .description("Always 1, of the handler of pods that ask for none")
            .register(registry);
    this.handlers = handlers;
  }

  /** Looks again which one it is, in the background: the handlers' probes may take their time. */
  void look() {
    Thread.ofVirtual().name("default runtime").start(this::name);
  }

  /** One after the other: the last one sees what is configured last. */
  private synchronized void name() {
    gauge.register(rows(), true);
  }

  private Iterable<MultiGauge.Row<?>> rows() {
    try {
      RuntimeHandlers.State standard = handlers.defaultHandler();
      return List.of(MultiGauge.Row.of(Tags.of("runtime", standard.name()), 1));
    } catch (ServiceException _) {
      // Status says why there is none.
      return List.of();
    }
  }
}
