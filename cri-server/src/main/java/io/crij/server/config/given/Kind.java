package io.crij.server.config.given;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** What TOML must give for a key, and how it is written there. */
public enum Kind {
  STRING("a string"),
  INTEGER("an integer"),
  BOOLEAN("a boolean"),
  STRINGS("an array of strings"),
  /** Its strings are key, value, key, value, and so on, by key. */
  STRING_TABLE("a table of strings");

  private final String words;

  Kind(String words) {
    this.words = words;
  }

  /**
   * @param value as the parser gives it
   * @param key as error messages name it
   * @throws ConfigException when it is of another kind
   */
  List<String> strings(@Nullable Object value, Origin origin, String key) {
    if (this == STRING && value instanceof String string) {
      return List.of(string);
    }
    if ((this == INTEGER && value instanceof Long)
        || (this == BOOLEAN && value instanceof Boolean)) {
      return List.of(value.toString());
    }
    if (this == STRINGS
        && value instanceof TomlArray array
        && array.toList().stream().allMatch(String.class::isInstance)) {
      return array.toList().stream().map(String.class::cast).toList();
    }
    if (this == STRING_TABLE && value instanceof TomlTable table) {
      return strings(table, origin, key);
    }
    throw new ConfigException(origin, key, "expected " + words + ", found " + words(value));
  }

  private static List<String> strings(TomlTable table, Origin origin, String key) {
    List<String> strings = new ArrayList<>();
    for (String name : new TreeSet<>(table.keySet())) {
      Object value = table.get(List.of(name));
      if (!(value instanceof String text)) {
        throw new ConfigException(
            origin, key + "." + name, "expected a string, found " + words(value));
      }
      strings.add(name);
      strings.add(text);
    }
    return strings;
  }

  static String words(@Nullable Object value) {
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

  /** The value as it stands in a file. */
  public String toml(List<String> strings) {
    return switch (this) {
      case STRING -> quoted(strings.getFirst());
      case INTEGER, BOOLEAN -> strings.getFirst();
      case STRINGS -> "[" + String.join(", ", strings.stream().map(Kind::quoted).toList()) + "]";
      case STRING_TABLE -> "{" + String.join(", ", entries(strings)) + "}";
    };
  }

  private static List<String> entries(List<String> strings) {
    List<String> entries = new ArrayList<>();
    for (int i = 0; i < strings.size(); i += 2) {
      entries.add(quoted(strings.get(i)) + " = " + quoted(strings.get(i + 1)));
    }
    return entries;
  }

  // TOML v1.0.0, "String": control characters must be escaped.
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || c == 0x7f) {
        quoted.append("\\u%04X".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
