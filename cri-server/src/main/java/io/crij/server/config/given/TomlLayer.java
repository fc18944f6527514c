package io.crij.server.config.given;

import io.crij.server.config.crio.CrioKeys;
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
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

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

  /**
   * Reads {@code <file>.d/*.toml} in the order of their names; there may be none.
   *
   * @return those that were read
   */
  public static List<Path> readDropIns(Path file, Given given) {
    Path folder = file.resolveSibling(file.getFileName() + ".d");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> dropIns = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "[!.]*.toml")) {
      found.forEach(dropIns::add);
    } catch (IOException e) {
      throw new ConfigException(folder + ": " + e.getMessage());
    }
    dropIns.sort(null);
    dropIns.forEach(dropIn -> read(dropIn, given));
    return dropIns;
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
      NamedTable named = NamedTable.find(path);
      if (key != null) {
        given.put(key, origin, key.kind().strings(value, origin, path));
      } else if (named != null) {
        walkNames(named, table(value, origin, path));
      } else if (isTable(path)) {
        walk(table(value, origin, path), path + ".");
      } else {
        given.addUnknown(origin, path, CrioKeys.reason(path));
      }
    }
  }

  private static boolean isTable(String path) {
    return path.equals("crij") || Key.tables().contains(path);
  }

  private void walkNames(NamedTable kind, TomlTable table) {
    for (String name : table.keySet()) {
      String path = kind.path(name);
      Origin origin = origin(table.inputPositionOf(List.of(name)));
      if (!NAME.matcher(name).matches()) {
        throw new ConfigException(origin, path, "'" + name + "' is not a DNS label");
      }
      TomlTable named = table(table.get(List.of(name)), origin, path);
      given.put(kind, name, origin);
      walkNamed(kind, name, named, "");
    }
  }

  private void walkNamed(NamedTable kind, String name, TomlTable table, String prefix) {
    for (String word : table.keySet()) {
      String path = prefix + word;
      String whole = kind.path(name) + "." + path;
      Origin origin = origin(table.inputPositionOf(List.of(word)));
      Object value = table.get(List.of(word));
      NamedKey key = NamedKey.find(kind, path);
      if (key != null) {
        given.put(key, name, origin, key.kind().strings(value, origin, whole));
      } else if (NamedKey.isTable(kind, path)) {
        walkNamed(kind, name, table(value, origin, whole), path + ".");
      } else {
        given.addUnknown(origin, whole, CrioKeys.reason(kind.path() + "." + path));
      }
    }
  }

  private static TomlTable table(@Nullable Object value, Origin origin, String path) {
    if (value instanceof TomlTable table) {
      return table;
    }
    throw new ConfigException(origin, path, "expected a table, found " + Kind.words(value));
  }

  private Origin origin(@Nullable TomlPosition position) {
    return new Origin(
        Origin.Layer.FILE, position == null ? file.toString() : file + ":" + position.line());
  }
}
