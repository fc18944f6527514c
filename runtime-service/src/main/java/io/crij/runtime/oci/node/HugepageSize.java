package io.crij.runtime.oci.node;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Page sizes as the hugetlb controller names its files, e.g. {@code 2MB}. */
public final class HugepageSize {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([KMG])B");

  private HugepageSize() {}

  /** The controller's name for a size of CRI's form (HugepageLimit); null if it is not of it. */
  public static @Nullable String canonical(String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    int shift =
        switch (matcher.group(2)) {
          case "K" -> 10;
          case "M" -> 20;
          default -> 30;
        };
    return name(Long.parseLong(matcher.group(1)) << shift);
  }

  static String name(long bytes) {
    if (bytes >= 1L << 30 && bytes % (1L << 30) == 0) {
      return (bytes >> 30) + "GB";
    }
    if (bytes >= 1L << 20 && bytes % (1L << 20) == 0) {
      return (bytes >> 20) + "MB";
    }
    return (bytes >> 10) + "KB";
  }
}
