package io.crij.server.config.node;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The cgroup of pods whose request names no parent: its own for each instance. */
public final class BaseCgroup {
  /** Of the node's own instance. */
  public static final String NODE = "/crij";

  private BaseCgroup() {}

  /** Of an instance with a runroot of its own. */
  public static String of(Path runroot) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(runroot.toString().getBytes(StandardCharsets.UTF_8));
      return NODE + "-" + HexFormat.of().formatHex(hash, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JRE has SHA-256", e);
    }
  }
}
