package io.crij.server.config;

import io.crij.server.config.given.Given;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A configuration, and what it was made of.
 *
 * @param files that were read, in their order
 */
public record LoadedConfig(ServerConfig config, Given given, List<Path> files) {
  public LoadedConfig {
    files = List.copyOf(files);
  }

  /**
   * Reads the configuration: flags over environment over drop-ins over file.
   *
   * @param home the folder that holds {@code bin/conmon-j}
   * @throws io.crij.server.config.given.ConfigException for the first thing that is wrong
   */
  public static LoadedConfig read(
      CommandLine.Run commandLine, Map<String, String> environment, Path home) {
    Layers layers = Layers.read(commandLine, environment);
    ServerConfig config = new ConfigReader(layers.given(), environment).read(home);
    return new LoadedConfig(config, layers.given(), layers.files());
  }
}
