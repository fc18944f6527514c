package io.crij.runtime.metrics;

import io.crij.cri.v1.MetricDescriptor;
import io.crij.cri.v1.MetricType;
import java.util.List;

/**
 * The metrics that there are: names and labels of cAdvisor, as CRI-O has them too. Values are whole
 * numbers, as the CRI wants them.
 */
enum MetricName {
  CPU_USER_SECONDS(
      "container_cpu_user_seconds_total",
      MetricType.COUNTER,
      "Time of processors spent in programs, in whole seconds."),
  CPU_SYSTEM_SECONDS(
      "container_cpu_system_seconds_total",
      MetricType.COUNTER,
      "Time of processors spent in the kernel, in whole seconds."),
  CPU_USAGE_SECONDS(
      "container_cpu_usage_seconds_total",
      MetricType.COUNTER,
      "Time of processors, in whole seconds.",
      "cpu"),
  CPU_PERIODS(
      "container_cpu_cfs_periods_total",
      MetricType.COUNTER,
      "Periods in which there was a quota of processor time."),
  CPU_THROTTLED_PERIODS(
      "container_cpu_cfs_throttled_periods_total",
      MetricType.COUNTER,
      "Periods in which the quota was used up."),
  CPU_THROTTLED_SECONDS(
      "container_cpu_cfs_throttled_seconds_total",
      MetricType.COUNTER,
      "Time without processors since the quota was used up, in whole seconds."),
  FS_INODES_FREE(
      "container_fs_inodes_free",
      MetricType.GAUGE,
      "Free inodes of the file system of writable layers.",
      "device"),
  FS_INODES(
      "container_fs_inodes_total",
      MetricType.GAUGE,
      "Inodes of the file system of writable layers.",
      "device"),
  FS_LIMIT_BYTES(
      "container_fs_limit_bytes",
      MetricType.GAUGE,
      "Size of the file system of writable layers.",
      "device"),
  FS_USAGE_BYTES(
      "container_fs_usage_bytes",
      MetricType.GAUGE,
      "Size of the writable layer, as last counted.",
      "device"),
  FS_READ_BYTES(
      "container_fs_reads_bytes_total",
      MetricType.COUNTER,
      "Bytes read from a block device.",
      "device"),
  FS_READS("container_fs_reads_total", MetricType.COUNTER, "Reads from a block device.", "device"),
  FS_WRITTEN_BYTES(
      "container_fs_writes_bytes_total",
      MetricType.COUNTER,
      "Bytes written to a block device.",
      "device"),
  FS_WRITES("container_fs_writes_total", MetricType.COUNTER, "Writes to a block device.", "device"),
  BLOCK_DEVICE_BYTES(
      "container_blkio_device_usage_total",
      MetricType.COUNTER,
      "Bytes to or from a block device.",
      "device",
      "major",
      "minor",
      "operation"),
  HUGE_PAGE_BYTES(
      "container_hugetlb_usage_bytes", MetricType.GAUGE, "Huge pages in use.", "pagesize"),
  HUGE_PAGE_MAX_BYTES(
      "container_hugetlb_max_usage_bytes",
      MetricType.GAUGE,
      "The most huge pages that were in use.",
      "pagesize"),
  MEMORY_CACHE("container_memory_cache", MetricType.GAUGE, "Page cache, in bytes."),
  MEMORY_RSS("container_memory_rss", MetricType.GAUGE, "Anonymous memory, in bytes."),
  MEMORY_KERNEL(
      "container_memory_kernel_usage", MetricType.GAUGE, "Memory of the kernel, in bytes."),
  MEMORY_MAPPED(
      "container_memory_mapped_file", MetricType.GAUGE, "Files mapped to memory, in bytes."),
  MEMORY_SWAP("container_memory_swap", MetricType.GAUGE, "Swap in use, in bytes."),
  MEMORY_FAILURES(
      "container_memory_failcnt", MetricType.COUNTER, "How often the limit of memory was met."),
  MEMORY_USAGE(
      "container_memory_usage_bytes", MetricType.GAUGE, "Memory in use, page cache included."),
  MEMORY_MAX_USAGE(
      "container_memory_max_usage_bytes", MetricType.GAUGE, "The most memory that was in use."),
  MEMORY_WORKING_SET(
      "container_memory_working_set_bytes",
      MetricType.GAUGE,
      "Memory in use, without page cache that was not used lately."),
  PAGE_FAULTS(
      "container_memory_failures_total",
      MetricType.COUNTER,
      "Page faults.",
      "failure_type",
      "scope"),
  NETWORK_RECEIVE_BYTES(
      "container_network_receive_bytes_total", MetricType.COUNTER, "Bytes received.", "interface"),
  NETWORK_RECEIVE_PACKETS(
      "container_network_receive_packets_total",
      MetricType.COUNTER,
      "Packets received.",
      "interface"),
  NETWORK_RECEIVE_PACKETS_DROPPED(
      "container_network_receive_packets_dropped_total",
      MetricType.COUNTER,
      "Packets dropped that were to be received.",
      "interface"),
  NETWORK_RECEIVE_ERRORS(
      "container_network_receive_errors_total",
      MetricType.COUNTER,
      "Packets that were not received for an error.",
      "interface"),
  NETWORK_TRANSMIT_BYTES(
      "container_network_transmit_bytes_total", MetricType.COUNTER, "Bytes sent.", "interface"),
  NETWORK_TRANSMIT_PACKETS(
      "container_network_transmit_packets_total", MetricType.COUNTER, "Packets sent.", "interface"),
  NETWORK_TRANSMIT_PACKETS_DROPPED(
      "container_network_transmit_packets_dropped_total",
      MetricType.COUNTER,
      "Packets dropped that were to be sent.",
      "interface"),
  NETWORK_TRANSMIT_ERRORS(
      "container_network_transmit_errors_total",
      MetricType.COUNTER,
      "Packets that were not sent for an error.",
      "interface"),
  OOM_EVENTS(
      "container_oom_events_total",
      MetricType.COUNTER,
      "Processes that the kernel killed for want of memory."),
  PRESSURE_CPU_STALLED(
      "container_pressure_cpu_stalled_seconds_total",
      MetricType.COUNTER,
      "Time in which all tasks waited for processors, in whole seconds."),
  PRESSURE_CPU_WAITING(
      "container_pressure_cpu_waiting_seconds_total",
      MetricType.COUNTER,
      "Time in which a task waited for processors, in whole seconds."),
  PRESSURE_MEMORY_STALLED(
      "container_pressure_memory_stalled_seconds_total",
      MetricType.COUNTER,
      "Time in which all tasks waited for memory, in whole seconds."),
  PRESSURE_MEMORY_WAITING(
      "container_pressure_memory_waiting_seconds_total",
      MetricType.COUNTER,
      "Time in which a task waited for memory, in whole seconds."),
  PRESSURE_IO_STALLED(
      "container_pressure_io_stalled_seconds_total",
      MetricType.COUNTER,
      "Time in which all tasks waited for input and output, in whole seconds."),
  PRESSURE_IO_WAITING(
      "container_pressure_io_waiting_seconds_total",
      MetricType.COUNTER,
      "Time in which a task waited for input and output, in whole seconds."),
  PROCESSES("container_processes", MetricType.GAUGE, "Processes."),
  THREADS("container_threads", MetricType.GAUGE, "Threads."),
  THREADS_MAX(
      "container_threads_max", MetricType.GAUGE, "How many threads there may be; 0: any number."),
  FILE_DESCRIPTORS("container_file_descriptors", MetricType.GAUGE, "Open file descriptors."),
  SOCKETS("container_sockets", MetricType.GAUGE, "Open sockets."),
  ULIMITS_SOFT(
      "container_ulimits_soft", MetricType.GAUGE, "Soft limits of the first process.", "ulimit"),
  SPEC_CPU_PERIOD(
      "container_spec_cpu_period",
      MetricType.GAUGE,
      "Period of the quota of processor time, in microseconds."),
  SPEC_CPU_QUOTA(
      "container_spec_cpu_quota",
      MetricType.GAUGE,
      "Quota of processor time for each period, in microseconds."),
  SPEC_CPU_SHARES(
      "container_spec_cpu_shares", MetricType.GAUGE, "Weight among others who want processors."),
  SPEC_MEMORY_LIMIT(
      "container_spec_memory_limit_bytes", MetricType.GAUGE, "Limit of memory; 0: none."),
  SPEC_MEMORY_RESERVATION(
      "container_spec_memory_reservation_limit_bytes",
      MetricType.GAUGE,
      "Memory that is not taken away (memory.min); 0: none."),
  SPEC_MEMORY_SWAP_LIMIT(
      "container_spec_memory_swap_limit_bytes",
      MetricType.GAUGE,
      "Limit of memory and swap together; 0: none."),
  START_TIME(
      "container_start_time_seconds",
      MetricType.GAUGE,
      "When it was started, in seconds since 1970."),
  LAST_SEEN(
      "container_last_seen",
      MetricType.GAUGE,
      "When these figures were read, in seconds since 1970.");

  private final MetricDescriptor descriptor;
  private final MetricType type;

  MetricName(String name, MetricType type, String help, String... labels) {
    this.type = type;
    this.descriptor =
        MetricDescriptor.newBuilder()
            .setName(name)
            .setHelp(help)
            .addAllLabelKeys(MetricSet.Labels.KEYS)
            .addAllLabelKeys(List.of(labels))
            .build();
  }

  MetricDescriptor descriptor() {
    return descriptor;
  }

  MetricType type() {
    return type;
  }
}
