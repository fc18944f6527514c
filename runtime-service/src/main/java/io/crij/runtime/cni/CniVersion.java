package io.crij.runtime.cni;

import java.util.List;

/** The versions of the CNI specification spoken here, in their order. */
enum CniVersion {
  V0_3_0("0.3.0"),
  V0_3_1("0.3.1"),
  V0_4_0("0.4.0"),
  V1_0_0("1.0.0"),
  V1_1_0("1.1.0");

  private static final List<CniVersion> ALL = List.of(values());

  private final String text;

  CniVersion(String text) {
    this.text = text;
  }

  /**
   * @throws CniException when this version is not spoken here
   */
  static CniVersion of(String text) {
    for (CniVersion version : ALL) {
      if (version.text.equals(text)) {
        return version;
      }
    }
    throw new CniException("cniVersion \"" + text + "\" is not supported");
  }

  static boolean isKnown(String text) {
    return ALL.stream().anyMatch(version -> version.text.equals(text));
  }

  String text() {
    return text;
  }

  /** Whether plugins are given the result of ADD when they DEL, and know CHECK. */
  boolean hasCheck() {
    return compareTo(V0_4_0) >= 0;
  }

  /** Whether plugins know GC and STATUS. */
  boolean hasGcAndStatus() {
    return compareTo(V1_1_0) >= 0;
  }
}
