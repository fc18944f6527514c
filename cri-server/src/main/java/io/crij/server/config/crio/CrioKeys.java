package io.crij.server.config.crio;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keys of CRI-O, by its crio.conf(5), that crijd has not. They are mistakes as other unknown keys
 * are, for nobody is to believe that they hold; but who comes from CRI-O is told why.
 */
public final class CrioKeys {
  private static final String IN_RUNROOT = "such files are below crij.runroot";
  private static final String START =
      "what a reboot or an end without warning left is seen to at each start";
  private static final String MONITOR =
      "one monitor, conmon-j, serves all pods; its cgroup is crij.runtime.monitor_cgroup";
  private static final String MAPPINGS = "each pod's mapping comes from the kubelet";
  private static final String CHECKPOINTS = "crijd makes no checkpoints of containers";
  private static final String CLASSES = "crijd sets no classes of block I/O or of caches";
  private static final String INTERRUPTS = "crijd leaves the node's interrupts alone";
  private static final String SIGNATURES =
      "crijd checks no signatures of images: let an admission controller do it";
  private static final String FIGURES = "figures are read when somebody asks";

  private static final Map<String, String> REASONS = reasons();

  private CrioKeys() {}

  /**
   * Why crijd has not the key.
   *
   * @param path with the table that is ours, {@code crij}, and without the name of a handler:
   *     {@code crij.runtime.runtimes.monitor_path}. A table's path holds for all in it.
   * @return nothing for a key that CRI-O has not either
   */
  public static @Nullable String reason(String path) {
    return REASONS.get(path);
  }

  /** All, for the page that tells of them. */
  public static Map<String, String> all() {
    return REASONS;
  }

  private static Map<String, String> reasons() {
    Map<String, String> reasons = new HashMap<>();
    put(
        reasons,
        "crij",
        "layers are stacked by overlayfs alone",
        "storage_driver",
        "storage_option");
    put(reasons, "crij", "the kubelet says where logs are", "log_dir");
    put(reasons, "crij", START, "version_file", "version_file_persist", "clean_shutdown_file");
    put(reasons, "crij", START, "internal_wipe", "internal_repair");
    runtime(reasons);
    handlers(reasons);
    images(reasons);
    put(
        reasons,
        "crij.network",
        "plugins are asked for their STATUS all along",
        "cni_status_grace_period");
    put(reasons, "crij", CHECKPOINTS, "checkpoint_restore");
    put(reasons, "crij", FIGURES, "stats");
    put(
        reasons,
        "crij",
        "crijd has no NRI; hooks_dir, cdi_spec_dirs and base_runtime_spec are there",
        "nri");
    return Map.copyOf(reasons);
  }

  private static void runtime(Map<String, String> reasons) {
    String table = "crij.runtime";
    put(reasons, table, "is a handler's: crij.runtime.runtimes.NAME.no_pivot", "no_pivot");
    put(reasons, table, MONITOR, "conmon", "conmon_cgroup", "conmon_env");
    put(reasons, table, "encrypted layers are refused", "decryption_keys_path");
    put(
        reasons,
        table,
        "crij.additional_image_stores hold artifacts too",
        "additional_artifact_stores");
    put(reasons, table, CLASSES, "blockio_config_file", "blockio_reload", "rdt_config_file");
    put(reasons, table, INTERRUPTS, "irqbalance_config_file", "irqbalance_config_restore_file");
    put(reasons, table, "they are read from crij.runtime.default_mounts_file", "default_mounts");
    put(reasons, table, IN_RUNROOT, "container_exits_dir", "container_attach_socket_dir");
    put(reasons, table, IN_RUNROOT, "namespaces_dir", "pinns_path");
    put(reasons, table, MAPPINGS, "uid_mappings", "gid_mappings");
    put(reasons, table, MAPPINGS, "minimum_mappable_uid", "minimum_mappable_gid");
    put(reasons, table, "the time of the request holds", "ctr_stop_timeout");
    put(
        reasons,
        table,
        "pods have an infra container only if their containers share a PID namespace",
        "drop_infra_ctr");
    put(reasons, table, CHECKPOINTS, "enable_criu_support");
    put(reasons, table, "there are always events", "enable_pod_events");
    put(
        reasons,
        table,
        "ports of the node lead to pods that ask for them",
        "disable_hostport_mapping");
  }

  private static void handlers(Map<String, String> reasons) {
    String table = "crij.runtime.runtimes";
    put(reasons, table, MONITOR, "monitor_path", "monitor_cgroup", "monitor_env");
    put(
        reasons,
        table,
        "what is executed in a container is in the container's cgroup",
        "monitor_exec_cgroup");
    put(reasons, table, "crijd always serves WebSockets", "stream_websockets");
    put(reasons, table, "crijd pulls the images of all handlers", "runtime_pull_image");
  }

  private static void images(Map<String, String> reasons) {
    String table = "crij.image";
    put(reasons, table, "images come from registries, as with docker://", "default_transport");
    put(reasons, table, SIGNATURES, "signature_policy", "signature_policy_dir");
    put(reasons, table, "volumes that an image declares are made, as with mkdir", "image_volumes");
    put(
        reasons,
        table,
        "registries.conf says it, by insecure = true",
        "insecure_registries",
        "registries");
    put(reasons, table, "what is pulled comes into crij.imagestore", "big_files_temporary_dir");
    put(reasons, table, "pulls are in crijd's own cgroup", "separate_pull_cgroup");
    put(
        reasons,
        table,
        "a change of registries.conf and its drop-ins holds for the next pull",
        "auto_reload_registries");
    put(reasons, table, "artifacts can always be mounted", "oci_artifact_mount_support");
  }

  private static void put(
      Map<String, String> reasons, String table, String reason, String... keys) {
    for (String key : keys) {
      reasons.put(table + "." + key, reason);
    }
  }
}
