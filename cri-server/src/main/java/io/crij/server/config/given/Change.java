package io.crij.server.config.given;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A value that differs between two configurations.
 *
 * @param key the whole name of it
 * @param before as a file says it; null: not given
 * @param after as a file says it; null: not given
 */
public record Change(String key, Applied applied, @Nullable String before, @Nullable String after) {

  /** All of them, in the order of the keys. */
  public static List<Change> between(Given before, Given after) {
    List<Change> changes = new ArrayList<>();
    for (Key key : Key.values()) {
      if (!before.get(key).strings().equals(after.get(key).strings())) {
        changes.add(
            new Change(
                key.path(),
                key.applied(),
                TomlText.value(before, key),
                TomlText.value(after, key)));
      }
    }
    for (NamedKey key : NamedKey.values()) {
      Set<String> names = new TreeSet<>(before.tables(key.table()).keySet());
      names.addAll(after.tables(key.table()).keySet());
      for (String name : names) {
        add(changes, key, name, before.find(key, name), after.find(key, name));
      }
    }
    return changes;
  }

  private static void add(
      List<Change> changes,
      NamedKey key,
      String name,
      Given.@Nullable Value before,
      Given.@Nullable Value after) {
    String old = before == null ? null : TomlText.value(key, before);
    String fresh = after == null ? null : TomlText.value(key, after);
    if (before == null
        ? after != null
        : after == null || !before.strings().equals(after.strings())) {
      changes.add(new Change(key.path(name), Applied.AT_HANGUP, old, fresh));
    }
  }

  @Override
  public String toString() {
    return key + " from " + words(before) + " to " + words(after);
  }

  private static String words(@Nullable String value) {
    return value == null ? "not given" : value;
  }
}
