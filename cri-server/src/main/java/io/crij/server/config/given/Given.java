package io.crij.server.config.given;

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

  /** A runtime's table: where it was first named, and its program if that was given. */
  public record RuntimeTable(Origin origin, @Nullable Value path) {}

  private final Map<Key, Value> values = new EnumMap<>(Key.class);
  private final Map<String, RuntimeTable> runtimes = new LinkedHashMap<>();

  /** Layers are put in rising order, so the last one wins. */
  public void put(Key key, Origin origin, List<String> strings) {
    values.put(key, new Value(origin, strings));
  }

  public void putRuntime(String name, Origin origin) {
    runtimes.putIfAbsent(name, new RuntimeTable(origin, null));
  }

  public void putRuntimePath(String name, Origin origin, String path) {
    runtimes.put(name, new RuntimeTable(origin, new Value(origin, List.of(path))));
  }

  public @Nullable Value find(Key key) {
    return values.get(key);
  }

  /** The value, or {@code fallback}. */
  public Value get(Key key, String... fallback) {
    Value value = values.get(key);
    return value != null ? value : new Value(Origin.EMBEDDED, List.of(fallback));
  }

  /** What is wrong with the value of a key, with where it was given. */
  public ConfigException wrong(Key key, String reason) {
    return new ConfigException(get(key).origin(), key.path(), reason);
  }

  public Map<String, RuntimeTable> runtimes() {
    return runtimes;
  }
}
