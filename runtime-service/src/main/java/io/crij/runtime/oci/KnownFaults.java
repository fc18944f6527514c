package io.crij.runtime.oci;

import java.util.List;

/**
 * What is known to be wrong with old versions of OCI runtimes: containers get out of those. They
 * are told of, not refused, since distributions mend faults without another version.
 *
 * @param good the first good version of each series that was mended, in their order
 */
record KnownFaults(List<RuntimeVersion> good, String faults) {
  private static final List<KnownFaults> ALL =
      List.of(
          // Links in place of masked paths and devices (runc's advisories of November 2025).
          new KnownFaults(
              List.of(
                  new RuntimeVersion("runc", 1, 2, 8),
                  new RuntimeVersion("runc", 1, 3, 3),
                  new RuntimeVersion("runc", 1, 4, 0)),
              "CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881"),
          // Leaving the root file system by krun's configuration.
          new KnownFaults(List.of(new RuntimeVersion("crun", 1, 20, 0)), "CVE-2025-24965"),
          // Races with masked paths and with writes to /proc (youki's advisories of November 2025).
          new KnownFaults(
              List.of(new RuntimeVersion("youki", 0, 5, 7)), "CVE-2025-62161 and CVE-2025-62596"));

  /**
   * @param output of the runtime's {@code --version}
   * @return empty when nothing is known
   */
  static String of(String output) {
    RuntimeVersion version = RuntimeVersion.find(output);
    if (version == null) {
      return "";
    }
    for (KnownFaults known : ALL) {
      if (known.program().equals(version.program()) && known.has(version)) {
        return version.program()
            + " "
            + version
            + " is older than "
            + known.better(version)
            + ": "
            + known.faults
            + ", unless the distribution has mended them";
      }
    }
    return "";
  }

  private String program() {
    return good.getFirst().program();
  }

  private boolean has(RuntimeVersion version) {
    return version.isBefore(better(version));
  }

  /** The good one of its series; for another series, the first or the last. */
  private RuntimeVersion better(RuntimeVersion version) {
    return good.stream()
        .filter(version::isOfSeries)
        .findFirst()
        .orElseGet(() -> version.isBefore(good.getFirst()) ? good.getFirst() : good.getLast());
  }
}
