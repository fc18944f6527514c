package io.crij.runtime.service;

import io.crij.runtime.names.StageWatch;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Who is told what the service does.
 *
 * @param meters for figures
 * @param stages of each pod and container that is made
 */
public record Watch(MeterRegistry meters, StageWatch stages) {}
