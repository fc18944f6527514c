package io.crij.linux.cgroup;

import org.jspecify.annotations.Nullable;

/**
 * What the processes of a cgroup, and of those below it, use and have used. Null is what the node
 * does not count.
 *
 * @param cpuNanos of all processors since the group was made
 */
public record GroupUsage(
    long cpuNanos, @Nullable Memory memory, @Nullable Swap swap, Pressures pressures) {
  /** A limit that is none. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** What version 1 has as no limit is a page less than 2^63. */
  private static final long LARGEST_LIMIT = 1L << 62;

  /**
   * Memory, page cache included.
   *
   * @param inactiveFileBytes page cache that nobody has used lately
   * @param rssBytes anonymous
   * @param limitBytes of the group itself; {@link #UNLIMITED}
   */
  public record Memory(
      long usageBytes,
      long inactiveFileBytes,
      long rssBytes,
      long faults,
      long majorFaults,
      long limitBytes) {

    /** What cannot be dropped at once: as the kubelet and cAdvisor mean it. */
    public long workingSetBytes() {
      return Math.max(0, usageBytes - inactiveFileBytes);
    }

    private Memory plus(Memory other) {
      return new Memory(
          usageBytes + other.usageBytes,
          inactiveFileBytes + other.inactiveFileBytes,
          rssBytes + other.rssBytes,
          faults + other.faults,
          majorFaults + other.majorFaults,
          plusLimit(limitBytes, other.limitBytes));
    }
  }

  /**
   * Swap alone, without memory.
   *
   * @param limitBytes {@link #UNLIMITED} if there is none
   */
  public record Swap(long usageBytes, long limitBytes) {
    private Swap plus(Swap other) {
      return new Swap(usageBytes + other.usageBytes, plusLimit(limitBytes, other.limitBytes));
    }
  }

  /** Who waited for what; only version 2 tells it. */
  public record Pressures(
      @Nullable Pressure cpu, @Nullable Pressure memory, @Nullable Pressure io) {
    static final Pressures NONE = new Pressures(null, null, null);
  }

  /** The same, but for what waited: that cannot be added up. */
  public GroupUsage withoutPressures() {
    return new GroupUsage(cpuNanos, memory, swap, Pressures.NONE);
  }

  /** Of both groups together, where both are counted. */
  public GroupUsage plus(GroupUsage other) {
    return new GroupUsage(
        cpuNanos + other.cpuNanos,
        memory == null || other.memory == null ? null : memory.plus(other.memory),
        swap == null || other.swap == null ? null : swap.plus(other.swap),
        Pressures.NONE);
  }

  private static long plusLimit(long limit, long other) {
    return limit == UNLIMITED || other == UNLIMITED ? UNLIMITED : limit + other;
  }

  /** A limit as the kernel writes it. */
  static long limit(String text) {
    if (text.equals("max")) {
      return UNLIMITED;
    }
    long limit = Long.parseLong(text);
    return limit >= LARGEST_LIMIT ? UNLIMITED : limit;
  }
}
