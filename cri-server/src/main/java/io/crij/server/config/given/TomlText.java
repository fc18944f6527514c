package io.crij.server.config.given;

import java.util.regex.Pattern;

/** Values as a file of the configuration says them; passwords in addresses are left out. */
public final class TomlText {
  private static final Pattern PASSWORD = Pattern.compile("://[^/@\\s]*@");

  private TomlText() {}

  /** A whole file: every key, with its default where nothing is given. */
  public static String of(Given given) {
    StringBuilder text = new StringBuilder();
    for (String table : Key.tables()) {
      text.append(text.isEmpty() ? "[" : "\n[").append(table).append("]\n");
      for (Key key : Key.values()) {
        if (key.table().equals(table)) {
          line(text, key.word(), value(given, key), given.get(key).origin());
        }
      }
    }
    for (NamedTable table : NamedTable.values()) {
      given.tables(table).forEach((name, named) -> table(text, table.path(name), named));
    }
    return text.toString();
  }

  private static void table(StringBuilder text, String path, Given.Named named) {
    text.append("\n[").append(path).append("]\n");
    named
        .values()
        .forEach((key, value) -> line(text, key.path(), value(key, value), value.origin()));
  }

  private static void line(StringBuilder text, String name, String value, Origin origin) {
    text.append(name).append(" = ").append(value);
    if (origin.layer() != Origin.Layer.DEFAULT) {
      text.append("  # ").append(origin.text());
    }
    text.append('\n');
  }

  static String value(Given given, Key key) {
    return hidden(key.kind().toml(given.get(key).strings()));
  }

  static String value(NamedKey key, Given.Value value) {
    return hidden(key.kind().toml(value.strings()));
  }

  private static String hidden(String value) {
    return PASSWORD.matcher(value).replaceAll("://…@");
  }
}
