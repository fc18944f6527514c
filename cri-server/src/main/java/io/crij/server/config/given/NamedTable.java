package io.crij.server.config.given;

import org.jspecify.annotations.Nullable;

/** Tables of which there is one for each name, as in {@code crij.runtime.runtimes.runc}. */
public enum NamedTable {
  /** OCI runtimes by the name of their handler. */
  RUNTIMES("crij.runtime.runtimes"),
  /** Kinds of pods, which have an annotation. */
  WORKLOADS("crij.runtime.workloads");

  private final String path;

  NamedTable(String path) {
    this.path = path;
  }

  public String path() {
    return path;
  }

  /** The table of one name. */
  public String path(String name) {
    return path + "." + name;
  }

  static @Nullable NamedTable find(String path) {
    for (NamedTable table : values()) {
      if (table.path.equals(path)) {
        return table;
      }
    }
    return null;
  }
}
