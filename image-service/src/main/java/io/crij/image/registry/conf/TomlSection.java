package io.crij.image.registry.conf;

import io.crij.image.ImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** A table of a TOML file, read key by key; complaints name file, line and key. */
public final class TomlSection {
  private static final long LONGEST = 4 << 20;

  private final Path file;
  private final TomlTable table;
  private final int line;

  private TomlSection(Path file, TomlTable table, int line) {
    this.file = file;
    this.table = table;
    this.line = line;
  }

  /**
   * Reads a file.
   *
   * @throws ImageException.FailedPrecondition naming the file, and the line where it is no TOML
   * @throws NoSuchFileException if there is none
   */
  public static TomlSection read(Path file) throws NoSuchFileException {
    TomlParseResult toml;
    try {
      if (Files.size(file) > LONGEST) {
        throw new ImageException.FailedPrecondition(file + ": longer than " + LONGEST + " bytes");
      }
      toml = Toml.parse(file);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      throw new ImageException.FailedPrecondition("cannot read " + file + ": " + e, e);
    }
    if (toml.hasErrors()) {
      TomlParseError first = toml.errors().getFirst();
      throw new ImageException.FailedPrecondition(
          "%s:%d: %s".formatted(file, first.position().line(), first.getMessage()));
    }
    return new TomlSection(file, toml, 1);
  }

  public Path file() {
    return file;
  }

  /** The keys of this table, in the file's order. */
  public List<String> keys() {
    return table.keySet().stream().sorted(Comparator.comparingInt(this::line)).toList();
  }

  public @Nullable String text(String key) {
    return typed(key, String.class, "a string");
  }

  public boolean flag(String key, boolean otherwise) {
    Boolean flag = typed(key, Boolean.class, "true or false");
    return flag == null ? otherwise : flag;
  }

  public @Nullable TomlSection section(String key) {
    TomlTable section = typed(key, TomlTable.class, "a table");
    return section == null ? null : new TomlSection(file, section, line(key));
  }

  /** An array of tables, {@code [[key]]}; empty if absent. */
  public List<TomlSection> sections(String key) {
    TomlArray array = typed(key, TomlArray.class, "an array of tables");
    List<TomlSection> sections = new ArrayList<>();
    for (int i = 0; array != null && i < array.size(); i++) {
      if (!(array.get(i) instanceof TomlTable section)) {
        throw malformed(key, "not an array of tables");
      }
      sections.add(new TomlSection(file, section, array.inputPositionOf(i).line()));
    }
    return sections;
  }

  public boolean has(String key) {
    return value(key) != null;
  }

  /** A list whose elements are strings, lists of strings, or both. A lone string is such a list. */
  public List<List<String>> nestedTexts(String key) {
    List<List<String>> lists = new ArrayList<>();
    for (Object element : elements(key)) {
      lists.add(
          element instanceof TomlArray inner
              ? inner.toList().stream().map(o -> asText(key, o)).toList()
              : List.of(asText(key, element)));
    }
    return lists;
  }

  /** A list of strings. A lone string is such a list. */
  public List<String> texts(String key) {
    return elements(key).stream().map(o -> asText(key, o)).toList();
  }

  private List<Object> elements(String key) {
    Object value = value(key);
    return switch (value) {
      case null -> List.of();
      case TomlArray array -> array.toList();
      default -> List.of(value);
    };
  }

  /** Names of keys that are not among these. */
  public List<String> keysBeside(Set<String> known) {
    return keys().stream().filter(key -> !known.contains(key)).toList();
  }

  /** {@code file:line} of a key. */
  public String place(String key) {
    return file + ":" + line(key);
  }

  public ImageException malformed(String key, String reason) {
    return new ImageException.FailedPrecondition(place(key) + ": " + key + ": " + reason);
  }

  /** {@code file:line} of this table. */
  public String place() {
    return file + ":" + line;
  }

  private int line(String key) {
    TomlPosition position = table.inputPositionOf(List.of(key));
    return position == null ? line : position.line();
  }

  private String asText(String key, Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw malformed(key, "not a string");
  }

  private <T> @Nullable T typed(String key, Class<T> type, String description) {
    Object value = value(key);
    if (value != null && !type.isInstance(value)) {
      throw malformed(key, "not " + description);
    }
    return type.cast(value);
  }

  private @Nullable Object value(String key) {
    return table.get(List.of(key));
  }
}
