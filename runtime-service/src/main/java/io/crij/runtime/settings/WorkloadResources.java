package io.crij.runtime.settings;

/**
 * Processor time and processors of the containers of a workload; what is 0 or empty is as the
 * request says.
 *
 * @param shares cpu.shares
 * @param quotaMicros processor time in a period
 * @param periodMicros that period
 * @param cpus cpuset(7), "List format"
 * @param limitMillis processor time in thousandths of a processor; wins over {@code quotaMicros}
 */
public record WorkloadResources(
    long shares, long quotaMicros, long periodMicros, String cpus, long limitMillis) {
  /** As the request says. */
  public static final WorkloadResources NONE = new WorkloadResources(0, 0, 0, "", 0);

  private static final long USUAL_PERIOD_MICROS = 100_000;
  private static final long LEAST_QUOTA_MICROS = 1_000;

  /** This, where it says something, and {@code others} where it does not. */
  public WorkloadResources over(WorkloadResources others) {
    return new WorkloadResources(
        shares != 0 ? shares : others.shares,
        quotaMicros != 0 ? quotaMicros : others.quotaMicros,
        periodMicros != 0 ? periodMicros : others.periodMicros,
        cpus.isEmpty() ? others.cpus : cpus,
        limitMillis != 0 ? limitMillis : others.limitMillis);
  }

  /** {@code quotaMicros}, or what {@code limitMillis} comes to. */
  public long quota() {
    if (limitMillis == 0) {
      return quotaMicros;
    }
    long period = periodMicros != 0 ? periodMicros : USUAL_PERIOD_MICROS;
    return Math.max(LEAST_QUOTA_MICROS, limitMillis * period / 1000);
  }
}
