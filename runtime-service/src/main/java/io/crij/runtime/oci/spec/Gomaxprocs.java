package io.crij.runtime.oci.spec;

/**
 * {@code GOMAXPROCS} for containers without a limit of processor time: programs in Go would start
 * as many threads as the node has processors, however little the container asked for. As CRI-O
 * reckons it: twice the processors asked for, and no less than configured.
 */
final class Gomaxprocs {
  static final String VARIABLE = "GOMAXPROCS";

  private static final String SKIP = "skip-gomaxprocs.crio.io";

  /** cpu.shares of one processor. */
  private static final long SHARES = 1024;

  private Gomaxprocs() {}

  /** 0: none is to be set. A guaranteed pod has processors of its own, and no need. */
  static long of(SpecInput input) {
    long least = input.settings().process().minGomaxprocs();
    String cgroup = input.cgroupPath();
    boolean shared = cgroup.contains("burstable") || cgroup.contains("besteffort");
    if (least == 0
        || !shared
        || input.settings().workload(input.pod().annotations()) != null
        || input.resources().getCpuQuota() > 0
        || "true".equals(input.pod().annotations().get(SKIP))) {
      return 0;
    }
    return Math.max(least, (input.resources().getCpuShares() * 2 + SHARES - 1) / SHARES);
  }
}
