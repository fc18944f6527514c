package io.crij.linux.cgroup;

import java.util.HashMap;
import java.util.Map;

/** A file of a controller with a number for each name, a line each, as {@code memory.stat}. */
public final class KeyedFile {
  private final Map<String, Long> values;

  private KeyedFile(Map<String, Long> values) {
    this.values = values;
  }

  /** Lines that are no name and number are passed over: kernels add to these files. */
  public static KeyedFile parse(String text) {
    Map<String, Long> values = new HashMap<>();
    int start = 0;
    while (start < text.length()) {
      int end = text.indexOf('\n', start);
      end = end < 0 ? text.length() : end;
      int space = text.indexOf(' ', start);
      if (space > start && space < end) {
        try {
          values.put(text.substring(start, space), Long.parseLong(text, space + 1, end, 10));
        } catch (NumberFormatException _) {
          // Not a number, or one beyond what is counted here.
        }
      }
      start = end + 1;
    }
    return new KeyedFile(values);
  }

  /** The number of this name; 0 where the kernel does not tell it. */
  public long get(String name) {
    return values.getOrDefault(name, 0L);
  }

  public boolean has(String name) {
    return values.containsKey(name);
  }
}
