package io.crij.image.manifest;

import java.util.Locale;

/**
 * What an image was built for, in the words of Go (OCI image specification, image-index.md).
 *
 * @param os e.g. {@code linux}; empty if unknown
 * @param architecture e.g. {@code amd64}; empty if unknown
 * @param variant e.g. {@code v7} of {@code arm}; empty if unknown
 */
public record Platform(String os, String architecture, String variant) {
  private static final String ARM = "arm";
  private static final int NO_MATCH = -1;

  /** The platform of this node. */
  public static Platform host() {
    String architecture = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return switch (architecture) {
      case "amd64", "x86_64" -> new Platform("linux", "amd64", "");
      case "aarch64", "arm64" -> new Platform("linux", "arm64", "v8");
      case "arm", "arm32" -> new Platform("linux", ARM, "v7");
      case "x86", "i386", "i686" -> new Platform("linux", "386", "");
      default -> new Platform("linux", architecture, "");
    };
  }

  static Platform read(JsonObject json) {
    return new Platform(
        orEmpty(json, "os"), orEmpty(json, "architecture"), orEmpty(json, "variant"));
  }

  private static String orEmpty(JsonObject json, String field) {
    String text = json.optionalText(field);
    return text == null ? "" : text;
  }

  /** Whether an image of this platform runs on that host. */
  public boolean runsOn(Platform host) {
    return fitness(host) != NO_MATCH;
  }

  /**
   * How well an image of this platform suits a host: -1 if it cannot run there; else the higher the
   * better. An image for the host's own variant is best; an older variant of the same architecture
   * runs too.
   */
  int fitness(Platform host) {
    if (!os.equals(host.os) || !architecture.equals(host.architecture)) {
      return NO_MATCH;
    }
    int mine = level(this);
    return mine <= level(host) ? mine : NO_MATCH;
  }

  /** The variant as a number; what each architecture means by none is its baseline. */
  private static int level(Platform platform) {
    String digits = platform.variant.startsWith("v") ? platform.variant.substring(1) : "";
    if (digits.length() == 1 && Character.digit(digits.charAt(0), 10) >= 0) {
      return Character.digit(digits.charAt(0), 10);
    }
    if (!platform.variant.isEmpty()) {
      return Integer.MAX_VALUE; // a variant unknown to us: asks for more than any host offers
    }
    return switch (platform.architecture) {
      case "arm64" -> 8;
      case ARM -> 7;
      default -> 1;
    };
  }

  /** {@code os/architecture}. */
  public String name() {
    return os + "/" + architecture;
  }

  /** {@code os/architecture[/variant]}. */
  @Override
  public String toString() {
    return name() + (variant.isEmpty() ? "" : "/" + variant);
  }
}
