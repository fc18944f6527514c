package io.crij.server.config.container;

import io.crij.runtime.settings.Workload;
import io.crij.runtime.settings.WorkloadResources;
import io.crij.server.config.given.ConfigException;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.NamedKey;
import io.crij.server.config.given.NamedTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** Workloads, in the order of their names. */
final class WorkloadReader {
  /** Of cpu.cfs_period_us and cpu.cfs_quota_us (kernel, sched-bwc). */
  private static final long LEAST_MICROS = 1_000;

  private final Given given;

  WorkloadReader(Given given) {
    this.given = given;
  }

  List<Workload> read() {
    List<Workload> workloads = new ArrayList<>();
    Set<String> annotations = new HashSet<>();
    new TreeMap<>(given.tables(NamedTable.WORKLOADS))
        .forEach((name, table) -> {
          Workload workload = workload(name, table);
          if (!annotations.add(workload.activationAnnotation())) {
            throw wrong(name, NamedKey.ACTIVATION_ANNOTATION, "another workload has the same");
          }
          workloads.add(workload);
        });
    return workloads;
  }

  private Workload workload(String name, Given.Named table) {
    Given.Value activation = table.find(NamedKey.ACTIVATION_ANNOTATION);
    if (activation == null || activation.string().isEmpty()) {
      throw new ConfigException(
          table.origin(), NamedKey.ACTIVATION_ANNOTATION.path(name), "missing");
    }
    Given.Value prefix = table.find(NamedKey.ANNOTATION_PREFIX);
    Given.Value allowed = table.find(NamedKey.WORKLOAD_ALLOWED_ANNOTATIONS);
    return new Workload(
        activation.string(),
        prefix == null ? "" : prefix.string(),
        allowed == null
            ? Set.of()
            : AllowedAnnotations.parse(allowed, NamedKey.WORKLOAD_ALLOWED_ANNOTATIONS.path(name)),
        resources(name, table));
  }

  private WorkloadResources resources(String name, Given.Named table) {
    Given.Value cpus = table.find(NamedKey.CPUSET);
    return new WorkloadResources(
        number(name, table, NamedKey.CPUSHARES, 0),
        number(name, table, NamedKey.CPUQUOTA, LEAST_MICROS),
        number(name, table, NamedKey.CPUPERIOD, LEAST_MICROS),
        cpus == null
            ? ""
            : CpuList.checked(cpus.origin(), NamedKey.CPUSET.path(name), cpus.string()),
        number(name, table, NamedKey.CPULIMIT, 0));
  }

  private long number(String name, Given.Named table, NamedKey key, long least) {
    Given.Value value = table.find(key);
    long number = value == null ? 0 : Long.parseLong(value.string());
    if (number != 0 && number < Math.max(1, least)) {
      throw wrong(name, key, number + " is not at least " + Math.max(1, least));
    }
    return number;
  }

  private ConfigException wrong(String name, NamedKey key, String reason) {
    Given.Value value = given.find(key, name);
    if (value == null) {
      throw new IllegalStateException(key.path(name));
    }
    return new ConfigException(value.origin(), key.path(name), reason);
  }
}
