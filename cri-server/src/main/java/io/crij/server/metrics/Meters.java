package io.crij.server.metrics;

import io.crij.server.config.telemetry.MetricsConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What crijd measures: kept for Prometheus, or for {@code crij info} alone. */
public sealed interface Meters {
  MeterRegistry registry();

  static Meters open(MetricsConfig config) {
    return config.isEnabled()
        ? new Served(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), config.chosen())
        : new Kept(new SimpleMeterRegistry());
  }

  /** Nobody but crijd reads them. */
  record Kept(SimpleMeterRegistry registry) implements Meters {}

  /**
   * Prometheus reads them.
   *
   * @param chosen names of those that it does; null for all
   */
  record Served(PrometheusMeterRegistry registry, @Nullable Set<String> chosen) implements Meters {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final String TOTAL = "_total";

    /** As its text format has them. */
    String text() {
      return chosen == null ? registry.scrape() : registry.scrape(TEXT, bare(chosen));
    }

    /** To the registry, what ends the name of a counter is not of it. */
    private static Set<String> bare(Set<String> names) {
      Set<String> bare = new HashSet<>();
      for (String name : names) {
        bare.add(name.endsWith(TOTAL) ? name.substring(0, name.length() - TOTAL.length()) : name);
      }
      return bare;
    }
  }
}
