package io.crij.server.config.given;

import io.crij.runtime.settings.ProcessSettings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one value each, with their defaults. Their names are CRI-O's, below {@code crij}
 * instead of {@code crio}, where the thing is the same; {@code docs/configuration.md} explains
 * them.
 */
public enum Key {
  ROOT(new Ways("CRIJ_ROOT", "--root"), "crij.root", Kind.STRING, "/var/lib/crij"),
  RUNROOT(new Ways("CRIJ_RUNROOT", "--runroot"), "crij.runroot", Kind.STRING, "/run/crij"),
  IMAGESTORE(new Ways("CRIJ_IMAGESTORE", "--imagestore"), "crij.imagestore", Kind.STRING, ""),
  ADDITIONAL_IMAGE_STORES("crij.additional_image_stores", Kind.STRINGS),
  LISTEN(
      new Ways("CRIJ_LISTEN", "--listen"),
      "crij.api.listen",
      Kind.STRING,
      "unix:///run/crij/crij.sock"),
  LISTEN_UID("crij.api.uid", Kind.INTEGER, "0"),
  LISTEN_GID("crij.api.gid", Kind.INTEGER, "0"),
  GRPC_MAX_RECV_MSG_SIZE("crij.api.grpc_max_recv_msg_size", Kind.INTEGER, "16777216"),
  GRPC_MAX_SEND_MSG_SIZE("crij.api.grpc_max_send_msg_size", Kind.INTEGER, "83886080"),
  STREAM_ADDRESS("crij.api.stream_address", Kind.STRING, "127.0.0.1"),
  STREAM_PORT("crij.api.stream_port", Kind.STRING, "0"),
  STREAM_IDLE_TIMEOUT("crij.api.stream_idle_timeout", Kind.STRING, "4h"),
  STREAM_ENABLE_TLS("crij.api.stream_enable_tls", Kind.BOOLEAN, "false"),
  STREAM_TLS_CERT("crij.api.stream_tls_cert", Kind.STRING, ""),
  STREAM_TLS_KEY("crij.api.stream_tls_key", Kind.STRING, ""),
  STREAM_TLS_CA("crij.api.stream_tls_ca", Kind.STRING, ""),
  TLS_MIN_VERSION("crij.api.tls_min_version", Kind.STRING, "VersionTLS12"),
  TLS_CIPHER_SUITES("crij.api.tls_cipher_suites", Kind.STRINGS),
  LOG_LEVEL(
      new Ways("CRIJ_LOG_LEVEL", "--log-level"),
      Applied.AT_HANGUP,
      "crij.runtime.log_level",
      Kind.STRING,
      "info"),
  LOG_FILTER(Applied.AT_HANGUP, "crij.runtime.log_filter", Kind.STRING, ""),
  DEFAULT_RUNTIME(Applied.AT_HANGUP, "crij.runtime.default_runtime", Kind.STRING, ""),
  MONITOR_CGROUP("crij.runtime.monitor_cgroup", Kind.STRING, ""),
  CGROUP_MANAGER("crij.runtime.cgroup_manager", Kind.STRING, "cgroupfs"),
  SHM_SIZE(Applied.AT_HANGUP, "crij.runtime.shm_size", Kind.INTEGER, "67108864"),
  EXEC_DISCONNECT("crij.runtime.exec_disconnect", Kind.STRING, "hangup"),
  EXEC_HANGUP_GRACE("crij.runtime.exec_hangup_grace", Kind.STRING, "5s"),
  DEFAULT_ENV(Applied.AT_HANGUP, "crij.runtime.default_env", Kind.STRINGS),
  DEFAULT_ULIMITS(Applied.AT_HANGUP, "crij.runtime.default_ulimits", Kind.STRINGS),
  DEFAULT_SYSCTLS(Applied.AT_HANGUP, "crij.runtime.default_sysctls", Kind.STRINGS),
  DEFAULT_CAPABILITIES(
      Applied.AT_HANGUP,
      "crij.runtime.default_capabilities",
      Kind.STRINGS,
      "CHOWN",
      "DAC_OVERRIDE",
      "FSETID",
      "FOWNER",
      "SETGID",
      "SETUID",
      "SETPCAP",
      "NET_BIND_SERVICE",
      "KILL"),
  ADD_INHERITABLE_CAPABILITIES(
      Applied.AT_HANGUP, "crij.runtime.add_inheritable_capabilities", Kind.BOOLEAN, "false"),
  PIDS_LIMIT(Applied.AT_HANGUP, "crij.runtime.pids_limit", Kind.INTEGER, "-1"),
  MIN_INJECTED_GOMAXPROCS(
      Applied.AT_HANGUP, "crij.runtime.min_injected_gomaxprocs", Kind.INTEGER, "0"),
  READ_ONLY(Applied.AT_HANGUP, "crij.runtime.read_only", Kind.BOOLEAN, "false"),
  TIMEZONE(Applied.AT_HANGUP, "crij.runtime.timezone", Kind.STRING, ""),
  DEFAULT_MOUNTS_FILE(Applied.AT_HANGUP, "crij.runtime.default_mounts_file", Kind.STRING, ""),
  ABSENT_MOUNT_SOURCES_TO_REJECT(
      Applied.AT_HANGUP, "crij.runtime.absent_mount_sources_to_reject", Kind.STRINGS),
  BIND_MOUNT_PREFIX(Applied.AT_HANGUP, "crij.runtime.bind_mount_prefix", Kind.STRING, ""),
  ADDITIONAL_DEVICES(Applied.AT_HANGUP, "crij.runtime.additional_devices", Kind.STRINGS),
  ALLOWED_DEVICES(
      Applied.AT_HANGUP, "crij.runtime.allowed_devices", Kind.STRINGS, "/dev/fuse", "/dev/net/tun"),
  DEVICE_OWNERSHIP_FROM_SECURITY_CONTEXT(
      Applied.AT_HANGUP,
      "crij.runtime.device_ownership_from_security_context",
      Kind.BOOLEAN,
      "false"),
  CDI_SPEC_DIRS(
      Applied.AT_HANGUP, "crij.runtime.cdi_spec_dirs", Kind.STRINGS, "/etc/cdi", "/var/run/cdi"),
  HOOKS_DIR(
      Applied.AT_HANGUP,
      "crij.runtime.hooks_dir",
      Kind.STRINGS,
      "/usr/share/containers/oci/hooks.d"),
  INFRA_CTR_CPUSET(Applied.AT_HANGUP, "crij.runtime.infra_ctr_cpuset", Kind.STRING, ""),
  SHARED_CPUSET(Applied.AT_HANGUP, "crij.runtime.shared_cpuset", Kind.STRING, ""),
  SELINUX(Applied.AT_HANGUP, "crij.runtime.selinux", Kind.BOOLEAN, "false"),
  SELINUX_CATEGORY_RANGE(
      Applied.AT_HANGUP, "crij.runtime.selinux_category_range", Kind.INTEGER, "1024"),
  HOSTNETWORK_DISABLE_SELINUX(
      Applied.AT_HANGUP, "crij.runtime.hostnetwork_disable_selinux", Kind.BOOLEAN, "true"),
  APPARMOR_PROFILE(
      Applied.AT_HANGUP,
      "crij.runtime.apparmor_profile",
      Kind.STRING,
      ProcessSettings.OWN_APPARMOR_PROFILE),
  SECCOMP_PROFILE(Applied.AT_HANGUP, "crij.runtime.seccomp_profile", Kind.STRING, ""),
  PRIVILEGED_SECCOMP_PROFILE(
      Applied.AT_HANGUP, "crij.runtime.privileged_seccomp_profile", Kind.STRING, ""),
  LOG_SIZE_MAX(Applied.AT_HANGUP, "crij.runtime.log_size_max", Kind.INTEGER, "-1"),
  LOG_FLOOD_POLICY(Applied.AT_HANGUP, "crij.runtime.log_flood_policy", Kind.STRING, "block"),
  LOG_RATE_MAX(Applied.AT_HANGUP, "crij.runtime.log_rate_max", Kind.INTEGER, "-1"),
  LOG_TO_JOURNALD(Applied.AT_HANGUP, "crij.runtime.log_to_journald", Kind.BOOLEAN, "false"),
  PINNED_IMAGES(Applied.AT_HANGUP, "crij.image.pinned_images", Kind.STRINGS),
  PAUSE_IMAGE(
      Applied.AT_HANGUP, "crij.image.pause_image", Kind.STRING, "registry.k8s.io/pause:3.10.1"),
  PAUSE_COMMAND(Applied.AT_HANGUP, "crij.image.pause_command", Kind.STRING, "/pause"),
  PARTIAL_PULL_AGE("crij.image.partial_pull_age", Kind.STRING, "24h"),
  PULL_PROGRESS_TIMEOUT("crij.image.pull_progress_timeout", Kind.STRING, "5m"),
  MAX_CONCURRENT_DOWNLOADS("crij.image.max_concurrent_downloads", Kind.INTEGER, "12"),
  MAX_CONCURRENT_UNPACKS("crij.image.max_concurrent_unpacks", Kind.INTEGER, "4"),
  LAYER_FORMAT("crij.image.layer_format", Kind.STRING, "auto"),
  REGISTRY_HOSTS_DIR(
      "crij.image.registry_hosts_dir",
      Kind.STRING,
      "/etc/crij/certs.d:/etc/containers/certs.d:/etc/docker/certs.d"),
  REGISTRIES_CONF("crij.image.registries_conf", Kind.STRING, "/etc/containers/registries.conf"),
  REGISTRIES_CONF_DIR(
      "crij.image.registries_conf_dir", Kind.STRING, "/etc/containers/registries.conf.d"),
  GLOBAL_AUTH_FILE("crij.image.global_auth_file", Kind.STRING, ""),
  NAMESPACED_AUTH_DIR("crij.image.namespaced_auth_dir", Kind.STRING, "/etc/crij/auth"),
  PAUSE_IMAGE_AUTH_FILE(Applied.AT_HANGUP, "crij.image.pause_image_auth_file", Kind.STRING, ""),
  CREDENTIAL_HELPER_DIRS(
      "crij.image.credential_helper_dirs",
      Kind.STRINGS,
      "/usr/local/sbin",
      "/usr/local/bin",
      "/usr/sbin",
      "/usr/bin",
      "/sbin",
      "/bin"),
  SHORT_NAME_MODE("crij.image.short_name_mode", Kind.STRING, ""),
  HTTP_PROXY(new Ways("HTTP_PROXY", null), "crij.image.http_proxy", Kind.STRING, ""),
  HTTPS_PROXY(new Ways("HTTPS_PROXY", null), "crij.image.https_proxy", Kind.STRING, ""),
  NO_PROXY(new Ways("NO_PROXY", null), "crij.image.no_proxy", Kind.STRING, ""),
  NETWORK_DIR("crij.network.network_dir", Kind.STRING, "/etc/cni/net.d"),
  CNI_DEFAULT_NETWORK("crij.network.cni_default_network", Kind.STRING, ""),
  PLUGIN_DIRS("crij.network.plugin_dirs", Kind.STRINGS, "/opt/cni/bin", "/usr/lib/cni"),
  CONF_TEMPLATE("crij.network.conf_template", Kind.STRING, ""),
  ENABLE_METRICS("crij.metrics.enable_metrics", Kind.BOOLEAN, "false"),
  METRICS_HOST("crij.metrics.metrics_host", Kind.STRING, "127.0.0.1"),
  METRICS_PORT("crij.metrics.metrics_port", Kind.INTEGER, "9090"),
  METRICS_SOCKET("crij.metrics.metrics_socket", Kind.STRING, ""),
  METRICS_COLLECTORS("crij.metrics.metrics_collectors", Kind.STRINGS),
  METRICS_CERT("crij.metrics.metrics_cert", Kind.STRING, ""),
  METRICS_KEY("crij.metrics.metrics_key", Kind.STRING, ""),
  ENABLE_TRACING("crij.tracing.enable_tracing", Kind.BOOLEAN, "false"),
  TRACING_ENDPOINT("crij.tracing.tracing_endpoint", Kind.STRING, "127.0.0.1:4317"),
  TRACING_SAMPLING_RATE_PER_MILLION(
      "crij.tracing.tracing_sampling_rate_per_million", Kind.INTEGER, "0");

  /** How a setting is given beside the file. */
  private record Ways(String variable, @Nullable String flag) {}

  private final @Nullable String variable;
  private final @Nullable String flag;
  private final Applied applied;
  private final String path;
  private final Kind kind;

  @SuppressWarnings("ImmutableEnumChecker") // by List.of
  private final List<String> fallback;

  Key(String path, Kind kind, String... fallback) {
    this(null, Applied.AT_START, path, kind, fallback);
  }

  Key(Ways ways, String path, Kind kind, String... fallback) {
    this(ways, Applied.AT_START, path, kind, fallback);
  }

  Key(Applied applied, String path, Kind kind, String... fallback) {
    this(null, applied, path, kind, fallback);
  }

  Key(@Nullable Ways ways, Applied applied, String path, Kind kind, String... fallback) {
    this.variable = ways == null ? null : ways.variable();
    this.flag = ways == null ? null : ways.flag();
    this.applied = applied;
    this.path = path;
    this.kind = kind;
    this.fallback = List.of(fallback);
  }

  /** Dotted, as in {@code crij.api.listen}. */
  public String path() {
    return path;
  }

  /** The table it stands in, as in {@code crij.api}. */
  public String table() {
    return path.substring(0, path.lastIndexOf('.'));
  }

  /** Its name in the table, as in {@code listen}. */
  public String word() {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  public Kind kind() {
    return kind;
  }

  /** What holds when no layer gives it. */
  public List<String> fallback() {
    return fallback;
  }

  public Applied applied() {
    return applied;
  }

  /** The environment variable that gives it too; those of proxies also in lower case. */
  public @Nullable String variable() {
    return variable;
  }

  /** The flag that gives it too. */
  public @Nullable String flag() {
    return flag;
  }

  public static @Nullable Key find(String path) {
    for (Key key : values()) {
      if (key.path.equals(path)) {
        return key;
      }
    }
    return null;
  }

  public static @Nullable Key ofFlag(String flag) {
    for (Key key : values()) {
      if (flag.equals(key.flag())) {
        return key;
      }
    }
    return null;
  }

  /** The tables with keys in them, in the order of the keys. */
  public static List<String> tables() {
    List<String> tables = new ArrayList<>();
    for (Key key : values()) {
      if (!tables.contains(key.table())) {
        tables.add(key.table());
      }
    }
    return tables;
  }
}
