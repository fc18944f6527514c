package io.crij.image.catalog;

import io.crij.image.records.ImageRow;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Which images are to be kept when space is needed, in the patterns of CRI-O's {@code
 * pinned_images}: a whole name, the beginning of one and {@code *}, or a part between two {@code
 * *}. Names are whole, e.g. {@code docker.io/library/busybox:latest}; case does not matter. Safe
 * for use by many threads.
 */
public final class PinnedImages {
  private volatile List<Predicate<String>> patterns;

  public PinnedImages(List<String> patterns) {
    this.patterns = patterns.stream().map(PinnedImages::pattern).toList();
  }

  /** From now on these are. */
  public void set(List<String> patterns) {
    this.patterns = patterns.stream().map(PinnedImages::pattern).toList();
  }

  private static Predicate<String> pattern(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.length() > 1 && lower.startsWith("*") && lower.endsWith("*")) {
      String keyword = lower.substring(1, lower.length() - 1);
      return name -> name.contains(keyword);
    }
    if (lower.endsWith("*")) {
      String start = lower.substring(0, lower.length() - 1);
      return name -> name.startsWith(start);
    }
    return lower::equals;
  }

  /** Whether one of the image's names is. */
  public boolean contains(ImageRow image) {
    return Stream.concat(image.repoTags().stream(), image.repoDigests().stream())
        .anyMatch(this::contains);
  }

  /** Whether an image of this whole name is. */
  public boolean contains(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return patterns.stream().anyMatch(pattern -> pattern.test(lower));
  }
}
