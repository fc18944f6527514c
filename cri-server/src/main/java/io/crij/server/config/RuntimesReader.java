package io.crij.server.config;

import io.crij.runtime.RuntimeServiceConfig.Handler;
import io.crij.server.config.given.AbsolutePath;
import io.crij.server.config.given.ConfigException;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;
import io.crij.server.config.given.NamedKey;
import io.crij.server.config.given.NamedTable;
import io.crij.server.config.node.RuntimePrograms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns what was given of OCI runtimes into handlers. */
final class RuntimesReader {
  private static final Pattern PLATFORM = Pattern.compile("[a-z0-9]+/[a-z0-9]+");

  private final Given given;

  RuntimesReader(Given given) {
    this.given = given;
  }

  /** All, by their names. */
  Map<String, Handler> handlers() {
    Map<String, Handler> handlers = new LinkedHashMap<>();
    for (String name : RuntimePrograms.KNOWN) {
      Path program = RuntimePrograms.find(name);
      if (program != null) {
        handlers.put(name, new Handler(program));
      }
    }
    Map<String, Given.Named> tables = given.tables(NamedTable.RUNTIMES);
    tables.forEach((name, table) -> {
      if (!inherits(table)) {
        handlers.put(name, handler(name, table));
      }
    });
    tables.forEach((name, table) -> {
      if (inherits(table)) {
        handlers.put(name, inherited(name, table, handlers));
      }
    });
    return handlers;
  }

  /** The name of that for pods which name none; empty: the first that can run. */
  String defaultName(Map<String, Handler> handlers) {
    String name = given.get(Key.DEFAULT_RUNTIME).string();
    if (!name.isEmpty() && !handlers.containsKey(name)) {
      throw given.wrong(
          Key.DEFAULT_RUNTIME, "no runtime named " + name + " among " + handlers.keySet());
    }
    return name;
  }

  private static boolean inherits(Given.Named table) {
    return table.isSet(NamedKey.INHERIT_DEFAULT_RUNTIME);
  }

  /** The default runtime's program and options, with a folder of its own for its records. */
  private Handler inherited(String name, Given.Named table, Map<String, Handler> handlers) {
    String key = NamedKey.INHERIT_DEFAULT_RUNTIME.path(name);
    for (NamedKey own :
        List.of(
            NamedKey.RUNTIME_PATH,
            NamedKey.RUNTIME_CONFIG_PATH,
            NamedKey.PLATFORM_RUNTIME_PATHS,
            NamedKey.RUNTIME_ARGS)) {
      if (table.find(own) != null) {
        throw new ConfigException(table.origin(), key, "there is also " + own.path(name));
      }
    }
    Handler standard = handlers.get(given.get(Key.DEFAULT_RUNTIME).string());
    if (standard == null) {
      throw new ConfigException(
          table.origin(), key, Key.DEFAULT_RUNTIME.path() + " names none that it could inherit");
    }
    return new Handler(
        standard.isVm(),
        standard.runtimePath(),
        standard.platformPaths(),
        root(name, table),
        standard.arguments(),
        standard.createArguments());
  }

  private static Handler handler(String name, Given.Named table) {
    boolean isVm = isVm(name, table);
    checkConfigPath(name, table, isVm);
    return new Handler(
        isVm,
        program(name, table),
        platformPaths(name, table),
        root(name, table),
        table.strings(NamedKey.RUNTIME_ARGS),
        createArguments(table));
  }

  /** CRI-O's words; {@code pod} is a matter of its monitors, and here there is one. */
  private static boolean isVm(String name, Given.Named table) {
    Given.Value type = table.find(NamedKey.RUNTIME_TYPE);
    return type != null
        && switch (type.string()) {
          case "", "oci", "pod" -> false;
          case "vm" -> true;
          default ->
              throw new ConfigException(
                  type.origin(), NamedKey.RUNTIME_TYPE.path(name), "none of oci, pod, vm");
        };
  }

  /**
   * Such a handler cannot run, so that nothing reads the file; it has to be there as with CRI-O.
   */
  private static void checkConfigPath(String name, Given.Named table, boolean isVm) {
    Given.Value value = table.find(NamedKey.RUNTIME_CONFIG_PATH);
    String key = NamedKey.RUNTIME_CONFIG_PATH.path(name);
    Path file = AbsolutePath.optionalFile(value, key);
    if (value != null && file != null && !isVm) {
      throw new ConfigException(
          value.origin(), key, "only for runtime_type vm; tell other programs by runtime_args");
    }
  }

  private static Path program(String name, Given.Named table) {
    Given.Value path = table.find(NamedKey.RUNTIME_PATH);
    String key = NamedKey.RUNTIME_PATH.path(name);
    if (path != null) {
      return AbsolutePath.of(path.origin(), key, path.string());
    }
    Path found = RuntimePrograms.find(name);
    if (found == null) {
      throw new ConfigException(
          table.origin(), key, "missing, and there is no " + name + " in the usual places");
    }
    return found;
  }

  private static Map<String, Path> platformPaths(String name, Given.Named table) {
    Map<String, Path> paths = new LinkedHashMap<>();
    Given.Value value = table.find(NamedKey.PLATFORM_RUNTIME_PATHS);
    String key = NamedKey.PLATFORM_RUNTIME_PATHS.path(name);
    List<String> strings = table.strings(NamedKey.PLATFORM_RUNTIME_PATHS);
    for (int i = 0; value != null && i < strings.size(); i += 2) {
      String platform = strings.get(i);
      if (!PLATFORM.matcher(platform).matches()) {
        throw new ConfigException(
            value.origin(), key, "'" + platform + "' is not a platform such as wasi/wasm");
      }
      paths.put(
          platform, AbsolutePath.of(value.origin(), key + "." + platform, strings.get(i + 1)));
    }
    return paths;
  }

  private static @Nullable Path root(String name, Given.Named table) {
    return AbsolutePath.optional(
        table.find(NamedKey.RUNTIME_ROOT), NamedKey.RUNTIME_ROOT.path(name));
  }

  private static List<String> createArguments(Given.Named table) {
    List<String> arguments = new ArrayList<>();
    if (table.isSet(NamedKey.NO_PIVOT)) {
      arguments.add("--no-pivot");
    }
    if (table.isSet(NamedKey.NO_NEW_KEYRING)) {
      arguments.add("--no-new-keyring");
    }
    return arguments;
  }
}
