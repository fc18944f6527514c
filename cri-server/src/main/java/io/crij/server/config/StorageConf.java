package io.crij.server.config;

import io.crij.server.config.given.ConfigException;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;

/** What containers-storage.conf(5) says of additional stores, for when our own file does not. */
final class StorageConf {
  private static final String VARIABLE = "CONTAINERS_STORAGE_CONF";
  private static final List<Path> FILES =
      List.of(
          Path.of("/etc/containers/storage.conf"), Path.of("/usr/share/containers/storage.conf"));

  private static final List<String> STORES = List.of("storage", "options", "additionalimagestores");

  private StorageConf() {}

  /** The folders in their order; none where there is no such file. */
  static Given.Value additionalImageStores(Map<String, String> environment) {
    String named = environment.getOrDefault(VARIABLE, "");
    List<Path> files = named.isEmpty() ? FILES : List.of(Path.of(named));
    for (Path file : files) {
      if (Files.exists(file)) {
        return read(file);
      }
    }
    return new Given.Value(Origin.EMBEDDED, List.of());
  }

  private static Given.Value read(Path file) {
    TomlParseResult parsed;
    try {
      parsed = Toml.parse(file);
    } catch (IOException e) {
      throw new ConfigException(file + ": " + e.getMessage());
    }
    if (parsed.hasErrors()) {
      throw new ConfigException(file + ": " + parsed.errors().getFirst());
    }
    TomlPosition position = parsed.inputPositionOf(STORES);
    Origin origin =
        new Origin(
            Origin.Layer.DEFAULT, position == null ? file + "" : file + ":" + position.line());
    Object stores = parsed.get(STORES);
    if (stores == null) {
      return new Given.Value(origin, List.of());
    }
    if (stores instanceof TomlArray array
        && array.toList().stream().allMatch(String.class::isInstance)) {
      return new Given.Value(origin, array.toList().stream().map(String.class::cast).toList());
    }
    throw new ConfigException(origin, String.join(".", STORES), "expected an array of strings");
  }
}
