package io.crij.image.pull;

import io.crij.image.ImageException;
import io.crij.image.disk.DiskFailure;

/** How a pull ended. */
public enum PullResult {
  DONE,
  NOT_FOUND,
  UNAUTHENTICATED,
  DENIED,
  /** No host could be reached, or all were overloaded. */
  UNAVAILABLE,
  /** It stood still for too long. */
  TIMED_OUT,
  /** The disk is full. */
  NO_SPACE,
  /** What was served, or the name or a setting, is not acceptable. */
  REFUSED,
  /** Nobody waited for it any more. */
  ENDED,
  /** Any other failure of this node. */
  FAILED;

  /** That of a pull that failed in this thread. */
  static PullResult of(ImageException e) {
    if (Thread.currentThread().isInterrupted()) {
      return ENDED;
    }
    return switch (e) {
      case ImageException.NotFound _ -> NOT_FOUND;
      case ImageException.Unauthenticated _ -> UNAUTHENTICATED;
      case ImageException.PermissionDenied _ -> DENIED;
      case ImageException.Unavailable _ -> UNAVAILABLE;
      case ImageException.DeadlineExceeded _ -> TIMED_OUT;
      case ImageException.ResourceExhausted _ -> NO_SPACE;
      case ImageException.FailedPrecondition _ ->
          DiskFailure.isReadOnly(e.getCause()) ? FAILED : REFUSED;
      case ImageException.InvalidArgument _ -> REFUSED;
      case ImageException.Unimplemented _ -> REFUSED;
      case ImageException.AlreadyExists _ -> FAILED;
      case ImageException.Internal _ -> FAILED;
    };
  }
}
