package io.crij.server.config;

import io.crij.server.config.given.ConfigException;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.TomlText;
import io.crij.server.config.given.Words;
import java.nio.file.Path;
import java.util.Map;

/** What {@code crijd config} tells. */
public enum ConfigCommand {
  /** Whether the configuration is valid, and what it was read from. */
  CHECK,
  /** The values that crijd would run with. */
  SHOW,
  /** The defaults, whatever is configured. */
  DEFAULT;

  /**
   * What to print.
   *
   * @param home the folder that holds {@code bin/conmon-j}
   * @throws ConfigException for the first thing that is wrong
   */
  public String run(CommandLine.Run commandLine, Map<String, String> environment, Path home) {
    return switch (this) {
      case CHECK -> checked(LoadedConfig.read(commandLine, environment, home));
      case SHOW -> TomlText.of(LoadedConfig.read(commandLine, environment, home).given());
      case DEFAULT -> TomlText.of(new Given());
    };
  }

  private static String checked(LoadedConfig loaded) {
    StringBuilder text = new StringBuilder();
    loaded.files().forEach(file -> text.append(file).append('\n'));
    return text.append("the configuration is valid\n").toString();
  }

  static ConfigCommand of(String word) {
    ConfigCommand command = Words.find(values(), word);
    if (command == null) {
      throw new ConfigException("config: '" + word + "' is none of " + Words.list(values()));
    }
    return command;
  }
}
