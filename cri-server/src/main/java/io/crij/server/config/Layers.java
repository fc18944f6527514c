package io.crij.server.config;

import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;
import io.crij.server.config.given.Origin;
import io.crij.server.config.given.TomlLayer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The layers on top of each other.
 *
 * @param files that were read, in their order
 */
record Layers(Given given, List<Path> files) {
  private static final Path DEFAULT_FILE = Path.of("/etc/crij/crij.toml");
  private static final String FILE_VARIABLE = "CRIJ_CONFIG";

  static Layers read(CommandLine.Run commandLine, Map<String, String> environment) {
    Given given = new Given();
    List<Path> files = readFiles(commandLine, environment, given);
    given.requireAllKnown();
    for (Key key : Key.values()) {
      String variable = key.variable();
      String value = variable == null ? null : value(environment, variable);
      if (value != null && !value.isEmpty()) {
        Origin origin = new Origin(Origin.Layer.ENVIRONMENT, "environment " + variable);
        given.put(key, origin, List.of(value));
      }
    }
    for (Key key : Key.values()) {
      String flag = key.flag();
      String value = flag == null ? null : commandLine.settings().get(flag);
      if (value != null) {
        given.put(key, new Origin(Origin.Layer.FLAG, "flag " + flag), List.of(value));
      }
    }
    return new Layers(given, files);
  }

  /** As everybody reads them: {@code HTTP_PROXY}, or else {@code http_proxy}. */
  private static @Nullable String value(Map<String, String> environment, String variable) {
    String value = environment.get(variable);
    boolean absent = value == null || value.isEmpty();
    return absent && variable.endsWith("_PROXY")
        ? environment.get(variable.toLowerCase(Locale.ROOT))
        : value;
  }

  /** A file that was named must exist; the default one need not. */
  private static List<Path> readFiles(
      CommandLine.Run commandLine, Map<String, String> environment, Given given) {
    Path named = commandLine.configFile();
    String variable = environment.get(FILE_VARIABLE);
    if (named == null && variable != null && !variable.isEmpty()) {
      named = Path.of(variable);
    }
    Path file = named == null ? DEFAULT_FILE : named;
    List<Path> files = new ArrayList<>();
    if (named != null || Files.exists(file)) {
      TomlLayer.read(file, given);
      files.add(file);
    }
    files.addAll(TomlLayer.readDropIns(file, given));
    return files;
  }
}
