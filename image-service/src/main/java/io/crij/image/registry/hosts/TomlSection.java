package io.crij.image.registry.hosts;

import io.crij.image.ImageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** A table of a TOML file, read key by key; complaints name file, line and key. */
final class TomlSection {
  private final Path file;
  private final TomlTable table;

  TomlSection(Path file, TomlTable table) {
    this.file = file;
    this.table = table;
  }

  Path file() {
    return file;
  }

  /** The keys of this table, in the file's order. */
  List<String> keys() {
    return table.keySet().stream().sorted(Comparator.comparingInt(this::line)).toList();
  }

  @Nullable String text(String key) {
    return typed(key, String.class, "a string");
  }

  boolean flag(String key, boolean otherwise) {
    Boolean flag = typed(key, Boolean.class, "true or false");
    return flag == null ? otherwise : flag;
  }

  @Nullable TomlSection section(String key) {
    TomlTable section = typed(key, TomlTable.class, "a table");
    return section == null ? null : new TomlSection(file, section);
  }

  /** A list whose elements are strings, lists of strings, or both. A lone string is such a list. */
  List<List<String>> nestedTexts(String key) {
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
  List<String> texts(String key) {
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
  List<String> keysBeside(Set<String> known) {
    return keys().stream().filter(key -> !known.contains(key)).toList();
  }

  /** {@code file:line} of a key. */
  String place(String key) {
    return file + ":" + line(key);
  }

  ImageException malformed(String key, String reason) {
    return new ImageException.FailedPrecondition(place(key) + ": " + key + ": " + reason);
  }

  private int line(String key) {
    TomlPosition position = table.inputPositionOf(List.of(key));
    return position == null ? 1 : position.line();
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
