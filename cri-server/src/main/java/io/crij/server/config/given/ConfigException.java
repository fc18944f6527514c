package io.crij.server.config.given;

/** A flag or a setting is wrong. The message is one line: {@code file:line: key: reason}. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ConfigException(String message) {
    super(message.lines().findFirst().orElse("bad configuration"));
  }

  public ConfigException(Origin origin, String key, String reason) {
    this(origin.text() + ": " + key + ": " + reason);
  }
}
