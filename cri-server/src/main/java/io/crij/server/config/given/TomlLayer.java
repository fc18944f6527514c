package io.crij.server.config.given;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * Reads a configuration file and its drop-ins into {@link Given}, every key checked by name and
 * kind.
 */
public final class TomlLayer {
  private static final long MAX_FILE_BYTES = 1 << 20;

  /** RuntimeClass: "handler ... must conform to the DNS Label (RFC 1123) requirements". */
  private static final Pattern HANDLER = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  private final Path file;
  private final Given given;

  private TomlLayer(Path file, Given given) {
    this.file = file;
    this.given = given;
  }

  /** Reads {@code file}, which must exist. */
  public static void read(Path file, Given given) {
    new TomlLayer(file, given).read();
  }

  /** Reads {@code <file>.d/*.toml} in the order of their names; there may be none. */
  public static void readDropIns(Path file, Given given) {
    Path folder = file.resolveSibling(file.getFileName() + ".d");
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> dropIns = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "[!.]*.toml")) {
      found.forEach(dropIns::add);
    } catch (IOException e) {
      throw new ConfigException(folder + ": " + e.getMessage());
    }
    dropIns.sort(null);
    dropIns.forEach(dropIn -> read(dropIn, given));
  }

  private void read() {
    TomlParseResult parsed;
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new ConfigException(file + ": larger than " + MAX_FILE_BYTES + " bytes");
      }
      parsed = Toml.parse(Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new ConfigException(file + ": no such file");
    } catch (IOException e) {
      throw new ConfigException(file + ": " + e.getMessage());
    }
    for (TomlParseError error : parsed.errors()) {
      throw new ConfigException(file + ":" + error.position().line() + ": " + error.getMessage());
    }
    walk(parsed, "");
  }

  private void walk(TomlTable table, String prefix) {
    for (String name : table.keySet()) {
      String path = prefix + name;
      Origin origin = origin(table.inputPositionOf(List.of(name)));
      Object value = table.get(List.of(name));
      Key key = Key.find(path);
      if (key != null) {
        given.put(key, origin, strings(key.kind(), value, origin, path));
      } else if (!Key.isTable(path)) {
        throw new ConfigException(origin, path, "unknown key");
      } else if (!(value instanceof TomlTable inner)) {
        throw new ConfigException(origin, path, "expected a table, found " + words(value));
      } else if (path.equals(Key.RUNTIMES)) {
        walkRuntimes(inner);
      } else {
        walk(inner, path + ".");
      }
    }
  }

  private void walkRuntimes(TomlTable table) {
    for (String name : table.keySet()) {
      String path = Key.RUNTIMES + "." + name;
      Origin origin = origin(table.inputPositionOf(List.of(name)));
      if (!HANDLER.matcher(name).matches()) {
        throw new ConfigException(origin, path, "the name of a handler is a DNS label");
      }
      Object value = table.get(List.of(name));
      if (!(value instanceof TomlTable runtime)) {
        throw new ConfigException(origin, path, "expected a table, found " + words(value));
      }
      given.putRuntime(name, origin);
      for (String key : runtime.keySet()) {
        Origin at = origin(runtime.inputPositionOf(List.of(key)));
        String keyPath = path + "." + key;
        if (!key.equals(Key.RUNTIME_PATH)) {
          throw new ConfigException(at, keyPath, "unknown key");
        }
        Object program = runtime.get(List.of(key));
        given.putRuntimePath(name, at, strings(Key.Kind.STRING, program, at, keyPath).getFirst());
      }
    }
  }

  private static List<String> strings(
      Key.Kind kind, @Nullable Object value, Origin origin, String path) {
    if (kind == Key.Kind.STRING && value instanceof String string) {
      return List.of(string);
    }
    if (kind == Key.Kind.INTEGER && value instanceof Long number) {
      return List.of(number.toString());
    }
    if (kind == Key.Kind.BOOLEAN && value instanceof Boolean choice) {
      return List.of(choice.toString());
    }
    if (kind == Key.Kind.STRINGS
        && value instanceof TomlArray array
        && array.toList().stream().allMatch(String.class::isInstance)) {
      return array.toList().stream().map(String.class::cast).toList();
    }
    throw new ConfigException(origin, path, "expected " + kind.words() + ", found " + words(value));
  }

  private static String words(@Nullable Object value) {
    return switch (value) {
      case String _ -> "a string";
      case Long _ -> "an integer";
      case Double _ -> "a float";
      case Boolean _ -> "a boolean";
      case TomlArray _ -> "an array";
      case TomlTable _ -> "a table";
      case null, default -> "a date or time";
    };
  }

  private Origin origin(@Nullable TomlPosition position) {
    return new Origin(
        Origin.Layer.FILE, position == null ? file.toString() : file + ":" + position.line());
  }
}
