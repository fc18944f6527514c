package io.crij.runtime.meters;

import io.crij.monitor.v1.FiguresReply;
import io.crij.runtime.ServiceException;
import io.crij.runtime.monitor.Monitor;
import io.crij.runtime.monitor.MonitorFailure;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.time.Duration;

/** What became of the output of containers, as their monitor counts it. */
final class LogMeters {
  /** Who reads the figures reads both: the monitor is asked once. */
  private static final Duration LATEST = Duration.ofMillis(500);

  private final Monitor monitor;
  private FiguresReply figures = FiguresReply.getDefaultInstance();
  private long askedAtNanos = System.nanoTime() - LATEST.toNanos();

  private LogMeters(Monitor monitor) {
    this.monitor = monitor;
  }

  static void register(Monitor monitor, MeterRegistry registry) {
    // Held by what counts: of what is counted a registry holds nothing.
    LogMeters meters = new LogMeters(monitor);
    FunctionCounter.builder("crij.container.log", monitor, _ -> meters.latest().getLoggedBytes())
        .description("Output of containers that is in their logs, as they wrote it")
        .baseUnit(BaseUnits.BYTES)
        .register(registry);
    FunctionCounter.builder(
            "crij.container.log.dropped", monitor, _ -> meters.latest().getDroppedBytes())
        .description("Output of containers that was not logged")
        .baseUnit(BaseUnits.BYTES)
        .register(registry);
  }

  /** Those from before where the monitor is away, or too old to know them. */
  private synchronized FiguresReply latest() {
    if (System.nanoTime() - askedAtNanos >= LATEST.toNanos()) {
      try {
        figures = monitor.figures();
      } catch (MonitorFailure | ServiceException _) {
        // Status says what is the matter with it.
      }
      askedAtNanos = System.nanoTime();
    }
    return figures;
  }
}
