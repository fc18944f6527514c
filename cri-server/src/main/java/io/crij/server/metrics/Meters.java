package io.crij.server.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** What crijd measures: kept for Prometheus, or for {@code crij info} alone. */
public sealed interface Meters {
  MeterRegistry registry();

  static Meters open(boolean isServed) {
    return isServed
        ? new Served(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))
        : new Kept(new SimpleMeterRegistry());
  }

  /** Nobody but crijd reads them. */
  record Kept(SimpleMeterRegistry registry) implements Meters {}

  /** Prometheus reads them. */
  record Served(PrometheusMeterRegistry registry) implements Meters {
    /** As its text format has them. */
    String text() {
      return registry.scrape();
    }
  }
}
