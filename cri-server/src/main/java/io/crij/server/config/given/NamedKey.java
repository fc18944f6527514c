package io.crij.server.config.given;

import org.jspecify.annotations.Nullable;

/** The keys of tables that have a name. */
public enum NamedKey {
  RUNTIME_PATH(NamedTable.RUNTIMES, Applied.AT_START, "runtime_path", Kind.STRING),
  CONTAINER_MIN_MEMORY(NamedTable.RUNTIMES, Applied.AT_HANGUP, "container_min_memory", Kind.STRING),
  HANDLER_SECCOMP_PROFILE(NamedTable.RUNTIMES, Applied.AT_HANGUP, "seccomp_profile", Kind.STRING),
  PRIVILEGED_WITHOUT_HOST_DEVICES(
      NamedTable.RUNTIMES, Applied.AT_HANGUP, "privileged_without_host_devices", Kind.BOOLEAN),
  ALLOWED_ANNOTATIONS(NamedTable.RUNTIMES, Applied.AT_HANGUP, "allowed_annotations", Kind.STRINGS),
  ACTIVATION_ANNOTATION(
      NamedTable.WORKLOADS, Applied.AT_HANGUP, "activation_annotation", Kind.STRING),
  ANNOTATION_PREFIX(NamedTable.WORKLOADS, Applied.AT_HANGUP, "annotation_prefix", Kind.STRING),
  WORKLOAD_ALLOWED_ANNOTATIONS(
      NamedTable.WORKLOADS, Applied.AT_HANGUP, "allowed_annotations", Kind.STRINGS),
  CPUSHARES(NamedTable.WORKLOADS, Applied.AT_HANGUP, "resources.cpushares", Kind.INTEGER),
  CPUQUOTA(NamedTable.WORKLOADS, Applied.AT_HANGUP, "resources.cpuquota", Kind.INTEGER),
  CPUPERIOD(NamedTable.WORKLOADS, Applied.AT_HANGUP, "resources.cpuperiod", Kind.INTEGER),
  CPUSET(NamedTable.WORKLOADS, Applied.AT_HANGUP, "resources.cpuset", Kind.STRING),
  CPULIMIT(NamedTable.WORKLOADS, Applied.AT_HANGUP, "resources.cpulimit", Kind.INTEGER);

  private final NamedTable table;
  private final Applied applied;
  private final String path;
  private final Kind kind;

  NamedKey(NamedTable table, Applied applied, String path, Kind kind) {
    this.table = table;
    this.applied = applied;
    this.path = path;
    this.kind = kind;
  }

  public NamedTable table() {
    return table;
  }

  public Applied applied() {
    return applied;
  }

  /** Below the name, as in {@code resources.cpuset}. */
  public String path() {
    return path;
  }

  /** The whole of it, for one name. */
  public String path(String name) {
    return table.path(name) + "." + path;
  }

  public Kind kind() {
    return kind;
  }

  static @Nullable NamedKey find(NamedTable table, String path) {
    for (NamedKey key : values()) {
      if (key.table == table && key.path.equals(path)) {
        return key;
      }
    }
    return null;
  }

  /** Whether keys lie in a table at this path. */
  static boolean isTable(NamedTable table, String path) {
    for (NamedKey key : values()) {
      if (key.table == table && key.path.startsWith(path + ".")) {
        return true;
      }
    }
    return false;
  }
}
