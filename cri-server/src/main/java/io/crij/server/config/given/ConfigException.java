package io.crij.server.config.given;

import java.util.List;
import java.util.stream.Stream;

/**
 * A flag or a setting is wrong. The message is one line, {@code file:line: key: reason}, or more
 * such lines.
 */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ConfigException(String message) {
    super(message.lines().findFirst().orElse("bad configuration"));
  }

  /** Several mistakes, a line each. */
  ConfigException(List<String> lines) {
    super(String.join("\n", lines));
  }

  public ConfigException(Origin origin, String key, String reason) {
    this(origin.text() + ": " + key + ": " + reason);
  }

  /** The mistakes, of which none has a line break. */
  public Stream<String> lines() {
    return String.valueOf(getMessage()).lines();
  }
}
