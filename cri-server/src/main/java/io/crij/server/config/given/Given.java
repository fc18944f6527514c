package io.crij.server.config.given;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the layers gave so far: the value of the highest layer for each key, with its origin. */
public final class Given {
  /** A value of the key's kind, and where it was given. */
  public record Value(Origin origin, List<String> strings) {
    public Value {
      strings = List.copyOf(strings);
    }

    public String string() {
      return strings.getFirst();
    }
  }

  /** A table that has a name: where it was first given, and the values in it. */
  public record Named(Origin origin, Map<NamedKey, Value> values) {
    public @Nullable Value find(NamedKey key) {
      return values.get(key);
    }

    /** Whether a choice was given, and is true. */
    public boolean isSet(NamedKey key) {
      Value value = find(key);
      return value != null && Boolean.parseBoolean(value.string());
    }

    /** What was given; nothing when nothing was. */
    public List<String> strings(NamedKey key) {
      Value value = find(key);
      return value == null ? List.of() : value.strings();
    }
  }

  private final Map<Key, Value> values = new EnumMap<>(Key.class);
  private final Map<NamedTable, Map<String, Named>> tables = new EnumMap<>(NamedTable.class);

  private final List<String> unknown = new ArrayList<>();

  /** Notes a key that there is not, with the reason where it has one. */
  void addUnknown(Origin origin, String path, @Nullable String reason) {
    String text = reason == null ? "unknown key" : "a key of CRI-O that crijd has not: " + reason;
    unknown.add(new ConfigException(origin, path, text).getMessage());
  }

  /**
   * All the keys that there are not are told at once: who brings a configuration along has more
   * than one.
   *
   * @throws ConfigException with a line for each
   */
  public void requireAllKnown() {
    if (!unknown.isEmpty()) {
      throw new ConfigException(unknown);
    }
  }

  /** Layers are put in rising order, so the last one wins. */
  public void put(Key key, Origin origin, List<String> strings) {
    values.put(key, new Value(origin, strings));
  }

  /** Records that a table was given, which may be empty. */
  void put(NamedTable table, String name, Origin origin) {
    tables
        .computeIfAbsent(table, _ -> new LinkedHashMap<>())
        .putIfAbsent(name, new Named(origin, new EnumMap<>(NamedKey.class)));
  }

  /** Adds a value to a table that was put. */
  void put(NamedKey key, String name, Origin origin, List<String> strings) {
    Named named = tables(key.table()).get(name);
    if (named == null) {
      throw new IllegalStateException(key.path(name));
    }
    named.values().put(key, new Value(origin, strings));
  }

  public @Nullable Value find(Key key) {
    return values.get(key);
  }

  /** The value, or the key's default. */
  public Value get(Key key) {
    Value value = values.get(key);
    return value != null ? value : new Value(Origin.EMBEDDED, key.fallback());
  }

  /**
   * The value as a path.
   *
   * @throws ConfigException when it is not absolute
   */
  public Path path(Key key) {
    Value value = get(key);
    return AbsolutePath.of(value.origin(), key.path(), value.string());
  }

  /**
   * The values as paths.
   *
   * @throws ConfigException when one is not absolute
   */
  public List<Path> paths(Key key) {
    Value value = get(key);
    List<Path> paths = new ArrayList<>();
    for (String path : value.strings()) {
      paths.add(AbsolutePath.of(value.origin(), key.path(), path));
    }
    return paths;
  }

  /** The value as a path; null when it is empty. */
  public @Nullable Path optionalPath(Key key) {
    return AbsolutePath.optional(get(key), key.path());
  }

  /** The value as a number. */
  public long number(Key key) {
    return Long.parseLong(get(key).string());
  }

  /**
   * The value as one of {@code choices}.
   *
   * @throws ConfigException when it is none of them
   */
  public <E extends Enum<E>> E choice(Key key, E[] choices) {
    String word = get(key).string();
    E choice = Words.find(choices, word);
    if (choice == null) {
      throw wrong(key, "'" + word + "' is none of " + Words.list(choices));
    }
    return choice;
  }

  /**
   * The value as a duration.
   *
   * @throws ConfigException when it is none
   */
  public Duration duration(Key key) {
    Value value = get(key);
    return GoDuration.parse(value.origin(), key.path(), value.string());
  }

  /** The value as a choice between yes and no. */
  public boolean isSet(Key key) {
    return Boolean.parseBoolean(get(key).string());
  }

  /** What is wrong with the value of a key, with where it was given. */
  public ConfigException wrong(Key key, String reason) {
    return new ConfigException(get(key).origin(), key.path(), reason);
  }

  /** A value of a table that has a name; null if it was not given. */
  public @Nullable Value find(NamedKey key, String name) {
    Named named = tables(key.table()).get(name);
    return named == null ? null : named.find(key);
  }

  /** This, with the values of {@code fresh} for keys that are applied at SIGHUP. */
  public Given withApplied(Given fresh) {
    Given all = new Given();
    for (Key key : Key.values()) {
      Value value = (key.applied() == Applied.AT_HANGUP ? fresh : this).find(key);
      if (value != null) {
        all.put(key, value.origin(), value.strings());
      }
    }
    all.tables.putAll(fresh.tables);
    return all;
  }

  /** The tables of a kind by their names, in the order in which they were first given. */
  public Map<String, Named> tables(NamedTable table) {
    return Collections.unmodifiableMap(tables.getOrDefault(table, Map.of()));
  }
}
