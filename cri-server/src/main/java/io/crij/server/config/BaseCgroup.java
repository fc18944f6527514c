package io.crij.server.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The cgroup of pods whose request names no parent: its own for each instance. */
final class BaseCgroup {
  private BaseCgroup() {}

  static String of(Path runroot) {
    if (runroot.equals(Path.of(ConfigReader.DEFAULT_RUNROOT))) {
      return "/crij";
    }
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(runroot.toString().getBytes(StandardCharsets.UTF_8));
      return "/crij-" + HexFormat.of().formatHex(hash, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JRE has SHA-256", e);
    }
  }
}
