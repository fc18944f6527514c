package io.crij.runtime.oci;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The version of an OCI runtime, as it tells it itself. */
record RuntimeVersion(String program, int major, int minor, int patch) {
  private static final Pattern FIRST_LINE =
      Pattern.compile("^(\\w+) version:? (\\d{1,4})\\.(\\d{1,4})(?:\\.(\\d{1,4}))?\\b");

  /**
   * @param output of the runtime's {@code --version}
   * @return null when it does not begin with a version
   */
  static @Nullable RuntimeVersion find(String output) {
    Matcher matcher = FIRST_LINE.matcher(output);
    if (!matcher.find()) {
      return null;
    }
    return new RuntimeVersion(
        matcher.group(1),
        Integer.parseInt(matcher.group(2)),
        Integer.parseInt(matcher.group(3)),
        matcher.group(4) == null ? 0 : Integer.parseInt(matcher.group(4)));
  }

  /** Of two versions of one program. */
  boolean isBefore(RuntimeVersion other) {
    return major != other.major
        ? major < other.major
        : minor != other.minor ? minor < other.minor : patch < other.patch;
  }

  boolean isOfSeries(RuntimeVersion other) {
    return major == other.major && minor == other.minor;
  }

  /** As in {@code 1.2.8}. */
  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
