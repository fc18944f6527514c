package io.crij.server.config.given;

import org.jspecify.annotations.Nullable;

/** The keys of tables that have a name. All are applied at SIGHUP. */
public enum NamedKey {
  RUNTIME_PATH(NamedTable.RUNTIMES, "runtime_path", Kind.STRING),
  RUNTIME_TYPE(NamedTable.RUNTIMES, "runtime_type", Kind.STRING),
  RUNTIME_CONFIG_PATH(NamedTable.RUNTIMES, "runtime_config_path", Kind.STRING),
  PLATFORM_RUNTIME_PATHS(NamedTable.RUNTIMES, "platform_runtime_paths", Kind.STRING_TABLE),
  RUNTIME_ROOT(NamedTable.RUNTIMES, "runtime_root", Kind.STRING),
  INHERIT_DEFAULT_RUNTIME(NamedTable.RUNTIMES, "inherit_default_runtime", Kind.BOOLEAN),
  RUNTIME_ARGS(NamedTable.RUNTIMES, "runtime_args", Kind.STRINGS),
  NO_PIVOT(NamedTable.RUNTIMES, "no_pivot", Kind.BOOLEAN),
  NO_NEW_KEYRING(NamedTable.RUNTIMES, "no_new_keyring", Kind.BOOLEAN),
  BASE_RUNTIME_SPEC(NamedTable.RUNTIMES, "base_runtime_spec", Kind.STRING),
  CONTAINER_CREATE_TIMEOUT(NamedTable.RUNTIMES, "container_create_timeout", Kind.INTEGER),
  CONTAINER_MIN_MEMORY(NamedTable.RUNTIMES, "container_min_memory", Kind.STRING),
  HANDLER_SECCOMP_PROFILE(NamedTable.RUNTIMES, "seccomp_profile", Kind.STRING),
  PRIVILEGED_WITHOUT_HOST_DEVICES(
      NamedTable.RUNTIMES, "privileged_without_host_devices", Kind.BOOLEAN),
  ALLOWED_ANNOTATIONS(NamedTable.RUNTIMES, "allowed_annotations", Kind.STRINGS),
  DEFAULT_ANNOTATIONS(NamedTable.RUNTIMES, "default_annotations", Kind.STRING_TABLE),
  POD_ANNOTATIONS(NamedTable.RUNTIMES, "pod_annotations", Kind.STRINGS),
  CONTAINER_ANNOTATIONS(NamedTable.RUNTIMES, "container_annotations", Kind.STRINGS),
  EXEC_CPU_AFFINITY(NamedTable.RUNTIMES, "exec_cpu_affinity", Kind.STRING),
  NO_SYNC_LOG(NamedTable.RUNTIMES, "no_sync_log", Kind.BOOLEAN),
  ACTIVATION_ANNOTATION(NamedTable.WORKLOADS, "activation_annotation", Kind.STRING),
  ANNOTATION_PREFIX(NamedTable.WORKLOADS, "annotation_prefix", Kind.STRING),
  WORKLOAD_ALLOWED_ANNOTATIONS(NamedTable.WORKLOADS, "allowed_annotations", Kind.STRINGS),
  CPUSHARES(NamedTable.WORKLOADS, "resources.cpushares", Kind.INTEGER),
  CPUQUOTA(NamedTable.WORKLOADS, "resources.cpuquota", Kind.INTEGER),
  CPUPERIOD(NamedTable.WORKLOADS, "resources.cpuperiod", Kind.INTEGER),
  CPUSET(NamedTable.WORKLOADS, "resources.cpuset", Kind.STRING),
  CPULIMIT(NamedTable.WORKLOADS, "resources.cpulimit", Kind.INTEGER);

  private final NamedTable table;
  private final String path;
  private final Kind kind;

  NamedKey(NamedTable table, String path, Kind kind) {
    this.table = table;
    this.path = path;
    this.kind = kind;
  }

  public NamedTable table() {
    return table;
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
