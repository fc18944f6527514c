package io.crij.cli.image;

import java.util.List;

/** The names of an image or an artifact, in one line. */
final class ImageNames {
  private ImageNames() {}

  /** Its tags or, without any, its digests. */
  static String of(List<String> repoTags, List<String> repoDigests) {
    return String.join(" ", repoTags.isEmpty() ? repoDigests : repoTags);
  }
}
