package io.crij.server.config.given;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one value each. Their names are CRI-O's, below {@code crij} instead of {@code
 * crio}, where the thing is the same; {@code docs/configuration.md} explains them.
 */
public enum Key {
  ROOT("crij.root", Kind.STRING, "CRIJ_ROOT", "--root"),
  RUNROOT("crij.runroot", Kind.STRING, "CRIJ_RUNROOT", "--runroot"),
  LISTEN("crij.api.listen", Kind.STRING, "CRIJ_LISTEN", "--listen"),
  STREAM_ADDRESS("crij.api.stream_address", Kind.STRING),
  STREAM_PORT("crij.api.stream_port", Kind.STRING),
  STREAM_IDLE_TIMEOUT("crij.api.stream_idle_timeout", Kind.STRING),
  STREAM_ENABLE_TLS("crij.api.stream_enable_tls", Kind.BOOLEAN),
  STREAM_TLS_CERT("crij.api.stream_tls_cert", Kind.STRING),
  STREAM_TLS_KEY("crij.api.stream_tls_key", Kind.STRING),
  STREAM_TLS_CA("crij.api.stream_tls_ca", Kind.STRING),
  TLS_MIN_VERSION("crij.api.tls_min_version", Kind.STRING),
  TLS_CIPHER_SUITES("crij.api.tls_cipher_suites", Kind.STRINGS),
  LOG_LEVEL("crij.runtime.log_level", Kind.STRING, "CRIJ_LOG_LEVEL", "--log-level"),
  DEFAULT_RUNTIME("crij.runtime.default_runtime", Kind.STRING),
  CGROUP_MANAGER("crij.runtime.cgroup_manager", Kind.STRING),
  SHM_SIZE("crij.runtime.shm_size", Kind.INTEGER),
  EXEC_DISCONNECT("crij.runtime.exec_disconnect", Kind.STRING),
  EXEC_HANGUP_GRACE("crij.runtime.exec_hangup_grace", Kind.STRING),
  LOG_SIZE_MAX("crij.runtime.log_size_max", Kind.INTEGER),
  LOG_FLOOD_POLICY("crij.runtime.log_flood_policy", Kind.STRING),
  LOG_RATE_MAX("crij.runtime.log_rate_max", Kind.INTEGER),
  IMAGESTORE("crij.imagestore", Kind.STRING, "CRIJ_IMAGESTORE", "--imagestore"),
  ADDITIONAL_IMAGE_STORES("crij.additional_image_stores", Kind.STRINGS),
  PINNED_IMAGES("crij.image.pinned_images", Kind.STRINGS),
  PAUSE_IMAGE("crij.image.pause_image", Kind.STRING),
  PAUSE_COMMAND("crij.image.pause_command", Kind.STRING),
  PARTIAL_PULL_AGE("crij.image.partial_pull_age", Kind.STRING),
  PULL_PROGRESS_TIMEOUT("crij.image.pull_progress_timeout", Kind.STRING),
  MAX_CONCURRENT_DOWNLOADS("crij.image.max_concurrent_downloads", Kind.INTEGER),
  MAX_CONCURRENT_UNPACKS("crij.image.max_concurrent_unpacks", Kind.INTEGER),
  REGISTRY_HOSTS_DIR("crij.image.registry_hosts_dir", Kind.STRING),
  LAYER_FORMAT("crij.image.layer_format", Kind.STRING),
  REGISTRIES_CONF("crij.image.registries_conf", Kind.STRING),
  REGISTRIES_CONF_DIR("crij.image.registries_conf_dir", Kind.STRING),
  GLOBAL_AUTH_FILE("crij.image.global_auth_file", Kind.STRING),
  NAMESPACED_AUTH_DIR("crij.image.namespaced_auth_dir", Kind.STRING),
  PAUSE_IMAGE_AUTH_FILE("crij.image.pause_image_auth_file", Kind.STRING),
  CREDENTIAL_HELPER_DIRS("crij.image.credential_helper_dirs", Kind.STRINGS),
  SHORT_NAME_MODE("crij.image.short_name_mode", Kind.STRING),
  HTTP_PROXY("crij.image.http_proxy", Kind.STRING, "HTTP_PROXY", null),
  HTTPS_PROXY("crij.image.https_proxy", Kind.STRING, "HTTPS_PROXY", null),
  NO_PROXY("crij.image.no_proxy", Kind.STRING, "NO_PROXY", null),
  NETWORK_DIR("crij.network.network_dir", Kind.STRING),
  PLUGIN_DIRS("crij.network.plugin_dirs", Kind.STRINGS),
  CONF_TEMPLATE("crij.network.conf_template", Kind.STRING),
  ENABLE_METRICS("crij.metrics.enable_metrics", Kind.BOOLEAN),
  METRICS_HOST("crij.metrics.metrics_host", Kind.STRING),
  METRICS_PORT("crij.metrics.metrics_port", Kind.INTEGER),
  METRICS_SOCKET("crij.metrics.metrics_socket", Kind.STRING);

  /** What TOML must give. */
  public enum Kind {
    STRING("a string"),
    INTEGER("an integer"),
    BOOLEAN("a boolean"),
    STRINGS("an array of strings");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  /** The table of OCI runtimes by handler name, each a table of {@link #RUNTIME_PATH}. */
  public static final String RUNTIMES = "crij.runtime.runtimes";

  public static final String RUNTIME_PATH = "runtime_path";

  private static final List<String> TABLES =
      List.of(
          "crij",
          "crij.api",
          "crij.runtime",
          "crij.image",
          "crij.network",
          "crij.metrics",
          RUNTIMES);

  private final String path;
  private final Kind kind;
  private final @Nullable String variable;
  private final @Nullable String flag;

  Key(String path, Kind kind) {
    this(path, kind, null, null);
  }

  Key(String path, Kind kind, @Nullable String variable, @Nullable String flag) {
    this.path = path;
    this.kind = kind;
    this.variable = variable;
    this.flag = flag;
  }

  /** Dotted, as in {@code crij.api.listen}. */
  public String path() {
    return path;
  }

  public Kind kind() {
    return kind;
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
      if (flag.equals(key.flag)) {
        return key;
      }
    }
    return null;
  }

  public static boolean isTable(String path) {
    return TABLES.contains(path);
  }
}
