package io.crij.image.disk;

import io.crij.image.ImageException;
import io.crij.linux.Errno;
import io.crij.linux.LinuxException;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a failure to write says: that the disk is full, or read-only, or has another fault. */
public final class DiskFailure {
  /** Java's file operations tell the kernel's reason by its text alone, behind the path if any. */
  private static final Set<String> FULL =
      Stream.of(Errno.ENOSPC, Errno.EDQUOT).map(Errno::text).collect(Collectors.toSet());

  private static final String READ_ONLY = Errno.text(Errno.EROFS);

  private DiskFailure() {}

  /**
   * The failure as callers are told it: ResourceExhausted if there is no room, FailedPrecondition
   * if the disk is read-only, until somebody mends it, else Internal.
   *
   * @param subject what was being done
   */
  public static ImageException of(String subject, IOException e) {
    String message = subject + ": " + e.getMessage();
    if (FULL.stream().anyMatch(message::endsWith)) {
      return new ImageException.ResourceExhausted(message, e);
    }
    return isReadOnly(e)
        ? new ImageException.FailedPrecondition(message, e)
        : new ImageException.Internal(message, e);
  }

  /** The same for a system call of our own. */
  public static ImageException of(String subject, LinuxException e) {
    String message = subject + ": " + e.getMessage();
    return switch (e.errno()) {
      case Errno.ENOSPC, Errno.EDQUOT -> new ImageException.ResourceExhausted(message, e);
      case Errno.EROFS -> new ImageException.FailedPrecondition(message, e);
      default -> new ImageException.Internal(message, e);
    };
  }

  /** Whether this, the cause of a failure, is a disk that cannot be written. */
  public static boolean isReadOnly(@Nullable Throwable cause) {
    return switch (cause) {
      case LinuxException e -> e.errno() == Errno.EROFS;
      case IOException e -> String.valueOf(e.getMessage()).endsWith(READ_ONLY);
      case null, default -> false;
    };
  }
}
