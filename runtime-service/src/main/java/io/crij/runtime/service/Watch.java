package io.crij.runtime.service;

import io.crij.runtime.meters.StageMeters;
import io.crij.runtime.names.StageWatch;
import io.crij.runtime.names.StageWatches;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/**
 * Who is told what the service does.
 *
 * @param meters for figures
 * @param stages of each pod and container that is made
 */
public record Watch(MeterRegistry meters, StageWatch stages) {
  /** The same, and figures of the stages. To be asked for once. */
  StageWatch measuredStages() {
    return new StageWatches(List.of(new StageMeters(meters), stages));
  }
}
