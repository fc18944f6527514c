package io.crij.image.changeset;

import io.crij.image.ImageException;
import io.crij.linux.Errno;
import io.crij.linux.LinuxException;

/** What a refusal of the kernel says of a layer, or of the node. */
public final class UnpackFailure {
  private UnpackFailure() {}

  /**
   * Says whose fault a failure is.
   *
   * @param subject what was being made
   */
  public static ImageException of(String subject, LinuxException e) {
    String message = "unpack " + subject + ": " + e.getMessage();
    return switch (e.errno()) {
      case Errno.ENOSPC, Errno.EDQUOT, Errno.ENOMEM, Errno.EMFILE ->
          new ImageException.ResourceExhausted(message, e);
      case Errno.EIO -> new ImageException.Internal(message, e);
      default -> new ImageException.FailedPrecondition(message, e);
    };
  }
}
