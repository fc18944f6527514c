package io.crij.linux.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A test's own folder, with the names of everything outside it that belongs to the test. Ask for it
 * as a parameter of the test method; {@link LeavesNoTrace} makes and deletes it.
 *
 * @param path short, since the address of a unix socket ends at 107 bytes; on disk, not in memory
 */
public record PrivateRoot(Path path) {
  private static final Path PARENT = Path.of("/var/tmp");

  static PrivateRoot create() throws IOException {
    Path path = Files.createTempDirectory(PARENT, "cj-");
    // As /run/crij is: users of containers pass through, but cannot list.
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
    return new PrivateRoot(path);
  }

  /** Where a private instance keeps what survives a reboot. Not yet made. */
  public Path root() {
    return path.resolve("lib");
  }

  /** Where a private instance keeps its sockets and mounts. Not yet made. */
  public Path runroot() {
    return path.resolve("run");
  }

  /** A path in this folder. */
  public Path resolve(String name) {
    return path.resolve(name);
  }

  /** The base cgroup of an instance at {@link #runroot()}, as in {@code /crij-1f2e3d4c}. */
  public String cgroup() {
    return "/crij-" + hash(runroot().toString());
  }

  /**
   * A name for a test's bridge and CNI network, of ten characters: a link's name has 15 at most.
   */
  public String networkName() {
    return "cj" + hash(path.toString());
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
