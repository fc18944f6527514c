package io.crij.server.config.telemetry;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What metrics can be chosen by: our own names, and CRI-O's for those that tell the same. */
final class Collectors {
  /** As {@code docs/metrics.md} has them, without what stands before all of them. */
  private static final Set<String> OWN =
      Set.of(
          "image_pull_seconds",
          "image_pull_seconds_max",
          "image_pull_stage_seconds",
          "image_pull_stage_seconds_max",
          "image_pull_layers_total",
          "image_pull_layers_reused_total",
          "image_pull_received_bytes_total",
          "image_pull_retries_total",
          "image_pull_layer_size_bytes",
          "image_pull_layer_size_bytes_max",
          "image_pull_reused_bytes_total",
          "image_pull_active",
          "image_pull_active_layers",
          "image_pull_remaining_bytes",
          "image_store_size_bytes",
          "image_store_inodes",
          "image_store_layers",
          "image_store_images",
          "log_lines_dropped_total",
          "rpc_seconds",
          "rpc_seconds_max",
          "stage_seconds",
          "stage_seconds_max",
          "stage_stalled_total",
          "pods",
          "containers",
          "containers_oom_total",
          "container_events_dropped_total",
          "container_log_bytes_total",
          "container_log_dropped_bytes_total",
          "default_runtime",
          "monitor_replaced_total",
          "processes_defunct",
          "process_cpu_seconds_total",
          "process_open_files",
          "process_resident_bytes",
          "process_threads",
          "jvm_heap_committed_bytes",
          "jvm_heap_used_bytes");

  private static final Map<String, List<String>> OF_CRIO =
      Map.ofEntries(
          Map.entry("operations_total", List.of("rpc_seconds")),
          Map.entry("operations_latency_seconds_total", List.of("rpc_seconds")),
          Map.entry("operations_latency_seconds", List.of("rpc_seconds_max")),
          Map.entry("operations_errors_total", List.of("rpc_seconds")),
          Map.entry("image_pulls_layer_size", List.of("image_pull_layer_size_bytes")),
          Map.entry("image_pulls_bytes_total", List.of("image_pull_received_bytes_total")),
          Map.entry("image_pulls_skipped_bytes_total", List.of("image_pull_reused_bytes_total")),
          Map.entry("image_pulls_success_total", List.of("image_pull_seconds")),
          Map.entry("image_pulls_failure_total", List.of("image_pull_seconds")),
          Map.entry("image_layer_reuse_total", List.of("image_pull_layers_reused_total")),
          Map.entry("containers_events_dropped_total", List.of("container_events_dropped_total")),
          // The kubelet asks for these by the CRI.
          Map.entry("containers_oom_count_total", List.of()),
          Map.entry("resources_stalled_at_stage", List.of("stage_stalled_total")),
          Map.entry("containers_stopped_monitor_count", List.of("monitor_replaced_total")),
          // There is no seccomp notifier.
          Map.entry("containers_seccomp_notifier_count_total", List.of()));

  private static final List<String> PREFIXES =
      List.of("crij_", "container_runtime_crio_", "container_runtime_", "crio_");

  private Collectors() {}

  /**
   * The metrics that a word stands for, as Prometheus reads their names.
   *
   * @return null when it stands for none
   */
  static @Nullable Set<String> metrics(String word) {
    String name = bare(word);
    List<String> chosen = OWN.contains(name) ? List.of(name) : OF_CRIO.get(name);
    if (chosen == null) {
      return null;
    }
    Set<String> metrics = new TreeSet<>();
    chosen.forEach(metric -> metrics.add("crij_" + metric));
    return metrics;
  }

  private static String bare(String word) {
    for (String prefix : PREFIXES) {
      if (word.startsWith(prefix)) {
        return word.substring(prefix.length());
      }
    }
    return word;
  }
}
