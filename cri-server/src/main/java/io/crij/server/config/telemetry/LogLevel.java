package io.crij.server.config.telemetry;

import java.util.Locale;

/** How much crijd tells, each level including those before it. */
public enum LogLevel {
  ERROR,
  WARN,
  INFO,
  DEBUG,
  TRACE;

  /** As in the configuration, e.g. {@code info}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
