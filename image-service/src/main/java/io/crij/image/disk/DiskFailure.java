package io.crij.image.disk;

import io.crij.image.ImageException;
import io.crij.linux.Errno;
import io.crij.linux.LinuxException;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a failure to write says: that the disk is full, or that something is wrong with it. */
public final class DiskFailure {
  /** Java's file operations tell the kernel's reason by its text alone, behind the path if any. */
  private static final Set<String> FULL =
      Stream.of(Errno.ENOSPC, Errno.EDQUOT).map(Errno::text).collect(Collectors.toSet());

  private DiskFailure() {}

  /**
   * The failure as callers are told it: ResourceExhausted if there is no room, else Internal.
   *
   * @param subject what was being done
   */
  public static ImageException of(String subject, IOException e) {
    String message = subject + ": " + e.getMessage();
    boolean full = FULL.stream().anyMatch(message::endsWith);
    return full
        ? new ImageException.ResourceExhausted(message, e)
        : new ImageException.Internal(message, e);
  }

  /** The same for a system call of our own. */
  public static ImageException of(String subject, LinuxException e) {
    String message = subject + ": " + e.getMessage();
    return switch (e.errno()) {
      case Errno.ENOSPC, Errno.EDQUOT -> new ImageException.ResourceExhausted(message, e);
      default -> new ImageException.Internal(message, e);
    };
  }
}
