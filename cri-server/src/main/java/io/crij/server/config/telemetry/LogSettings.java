package io.crij.server.config.telemetry;

import java.util.regex.Pattern;

/**
 * What crijd writes to stderr.
 *
 * @param filter a regular expression that is found in the message of each line; empty: any line
 */
public record LogSettings(LogLevel level, String filter) {
  /**
   * @throws java.util.regex.PatternSyntaxException when the filter is none
   */
  public LogSettings {
    Pattern _ = Pattern.compile(filter);
  }
}
