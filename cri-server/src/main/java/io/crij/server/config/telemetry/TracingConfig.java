package io.crij.server.config.telemetry;

/**
 * Whether and where spans are sent.
 *
 * @param endpoint {@code host:port} of a collector that takes OTLP over gRPC
 * @param samplesPerMillion of calls whose caller sends no context
 */
public record TracingConfig(boolean isEnabled, String endpoint, long samplesPerMillion) {}
