package io.crij.runtime.metrics;

import io.crij.cri.v1.Metric;
import io.crij.cri.v1.UInt64Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The metrics of one pod or container at one time. */
final class MetricSet {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final List<String> labels;
  private final long at;
  private final List<Metric> metrics = new ArrayList<>();

  /**
   * @param at nanoseconds since 1970
   */
  MetricSet(Labels labels, long at) {
    this.labels = labels.values();
    this.at = at;
  }

  /**
   * What it is: the values of the labels that all metrics have.
   *
   * @param id of its cgroup, as cAdvisor has it
   * @param name its id
   * @param image empty for a pod, as {@code container}
   */
  record Labels(
      String id, String name, String image, String container, String pod, String namespace) {
    /** What they are called: as cAdvisor calls them of containers of Kubernetes. */
    static final List<String> KEYS =
        List.of("id", "name", "image", "container", "pod", "namespace");

    private List<String> values() {
      return List.of(id, name, image, container, pod, namespace);
    }
  }

  /**
   * Adds a value.
   *
   * @param more values of the labels of its own, in the order of the descriptor
   */
  MetricSet add(MetricName name, long value, String... more) {
    metrics.add(
        Metric.newBuilder()
            .setName(name.descriptor().getName())
            .setTimestamp(at)
            .setMetricType(name.type())
            .addAllLabelValues(labels)
            .addAllLabelValues(List.of(more))
            .setValue(UInt64Value.newBuilder().setValue(value))
            .build());
    return this;
  }

  /** Adds a time, in seconds. */
  MetricSet addNanos(MetricName name, long nanos, String... more) {
    return add(name, nanos / SECOND, more);
  }

  long at() {
    return at;
  }

  List<Metric> metrics() {
    return metrics;
  }
}
