package io.crij.runtime.oci;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is known to be wrong with old versions of OCI runtimes: containers get out of those. They
 * are told of, not refused, since distributions mend faults without another version.
 *
 * @param good the first good version of each series that was mended, in their order
 */
record KnownFaults(String program, List<Version> good, String faults) {
  private static final List<KnownFaults> ALL =
      List.of(
          // Links in place of masked paths and devices (runc's advisories of November 2025).
          new KnownFaults(
              "runc",
              List.of(new Version(1, 2, 8), new Version(1, 3, 3), new Version(1, 4, 0)),
              "CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881"),
          // Leaving the root file system by krun's configuration.
          new KnownFaults("crun", List.of(new Version(1, 20, 0)), "CVE-2025-24965"));

  record Version(int major, int minor, int patch) {
    private boolean isBefore(Version other) {
      return major != other.major
          ? major < other.major
          : minor != other.minor ? minor < other.minor : patch < other.patch;
    }

    private boolean isOfSeries(Version other) {
      return major == other.major && minor == other.minor;
    }

    @Override
    public String toString() {
      return major + "." + minor + "." + patch;
    }
  }

  private static final Pattern VERSION =
      Pattern.compile("^(\\w+) version (\\d{1,4})\\.(\\d{1,4})(?:\\.(\\d{1,4}))?\\b");

  /**
   * @param output of the runtime's {@code --version}
   * @return empty when nothing is known
   */
  static String of(String output) {
    Matcher matcher = VERSION.matcher(output);
    if (!matcher.find()) {
      return "";
    }
    Version version =
        new Version(
            Integer.parseInt(matcher.group(2)),
            Integer.parseInt(matcher.group(3)),
            matcher.group(4) == null ? 0 : Integer.parseInt(matcher.group(4)));
    for (KnownFaults known : ALL) {
      if (known.program.equals(matcher.group(1)) && known.has(version)) {
        return known.program
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

  private boolean has(Version version) {
    return version.isBefore(better(version));
  }

  /** The good one of its series; for another series, the first or the last. */
  private Version better(Version version) {
    return good.stream()
        .filter(version::isOfSeries)
        .findFirst()
        .orElseGet(() -> version.isBefore(good.getFirst()) ? good.getFirst() : good.getLast());
  }
}
