package io.crij.server.config.given;

import org.jspecify.annotations.Nullable;

/** The keys of tables that have a name. */
public enum NamedKey {
  RUNTIME_PATH(NamedTable.RUNTIMES, Applied.AT_HANGUP, "runtime_path", Kind.STRING),
  RUNTIME_TYPE(NamedTable.RUNTIMES, Applied.AT_HANGUP, "runtime_type", Kind.STRING),
  PLATFORM_RUNTIME_PATHS(
      NamedTable.RUNTIMES, Applied.AT_HANGUP, "platform_runtime_paths", Kind.STRING_TABLE),
  RUNTIME_ROOT(NamedTable.RUNTIMES, Applied.AT_HANGUP, "runtime_root", Kind.STRING),
  INHERIT_DEFAULT_RUNTIME(
      NamedTable.RUNTIMES, Applied.AT_HANGUP, "inherit_default_runtime", Kind.BOOLEAN),
  RUNTIME_ARGS(NamedTable.RUNTIMES, Applied.AT_HANGUP, "runtime_args", Kind.STRINGS),
  NO_PIVOT(NamedTable.RUNTIMES, Applied.AT_HANGUP, "no_pivot", Kind.BOOLEAN),
  NO_NEW_KEYRING(NamedTable.RUNTIMES, Applied.AT_HANGUP, "no_new_keyring", Kind.BOOLEAN),
  BASE_RUNTIME_SPEC(NamedTable.RUNTIMES, Applied.AT_HANGUP, "base_runtime_spec", Kind.STRING),
  CONTAINER_CREATE_TIMEOUT(
      NamedTable.RUNTIMES, Applied.AT_HANGUP, "container_create_timeout", Kind.INTEGER),
  CONTAINER_MIN_MEMORY(NamedTable.RUNTIMES, Applied.AT_HANGUP, "container_min_memory", Kind.STRING),
  HANDLER_SECCOMP_PROFILE(NamedTable.RUNTIMES, Applied.AT_HANGUP, "seccomp_profile", Kind.STRING),
  PRIVILEGED_WITHOUT_HOST_DEVICES(
      NamedTable.RUNTIMES, Applied.AT_HANGUP, "privileged_without_host_devices", Kind.BOOLEAN),
  ALLOWED_ANNOTATIONS(NamedTable.RUNTIMES, Applied.AT_HANGUP, "allowed_annotations", Kind.STRINGS),
  DEFAULT_ANNOTATIONS(
      NamedTable.RUNTIMES, Applied.AT_HANGUP, "default_annotations", Kind.STRING_TABLE),
  POD_ANNOTATIONS(NamedTable.RUNTIMES, Applied.AT_HANGUP, "pod_annotations", Kind.STRINGS),
  CONTAINER_ANNOTATIONS(
      NamedTable.RUNTIMES, Applied.AT_HANGUP, "container_annotations", Kind.STRINGS),
  EXEC_CPU_AFFINITY(NamedTable.RUNTIMES, Applied.AT_HANGUP, "exec_cpu_affinity", Kind.STRING),
  NO_SYNC_LOG(NamedTable.RUNTIMES, Applied.AT_HANGUP, "no_sync_log", Kind.BOOLEAN),
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
