package io.crij.linux.cgroup;

import java.util.List;

/**
 * What is told of a cgroup beyond {@link GroupUsage}; 0 is also what the node does not count.
 *
 * @param threadsMax how many there may be; 0: any number
 */
public record GroupDetails(
    Processor processor,
    Memory memory,
    long threads,
    long threadsMax,
    List<DeviceUse> devices,
    List<HugePages> hugePages) {
  public GroupDetails {
    devices = List.copyOf(devices);
    hugePages = List.copyOf(hugePages);
  }

  /**
   * Time of processors.
   *
   * @param periods in which the group had a quota
   * @param throttledPeriods in which it wanted more
   */
  public record Processor(
      long userNanos, long systemNanos, long periods, long throttledPeriods, long throttledNanos) {}

  /**
   * Memory.
   *
   * @param kernelBytes of the kernel, for the group
   * @param maxUsageBytes the most that there was
   * @param limitHits how often the limit was met
   * @param oomKills how many processes the kernel killed for it
   * @param ownFaults of the group without those below it, where that is told; else of all
   */
  public record Memory(
      long cacheBytes,
      long mappedBytes,
      long kernelBytes,
      long maxUsageBytes,
      long limitHits,
      long oomKills,
      long ownFaults,
      long ownMajorFaults) {}

  /**
   * What went to and from a block device.
   *
   * @param number as the kernel writes it: {@code 8:0}
   */
  public record DeviceUse(
      String number, long readBytes, long writtenBytes, long reads, long writes) {}

  /**
   * Huge pages of one size.
   *
   * @param size as the kernel writes it: {@code 2MB}
   * @param maxUsageBytes the most that there was; only version 1 tells it
   */
  public record HugePages(String size, long usageBytes, long maxUsageBytes) {}
}
