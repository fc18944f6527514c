package io.crij.image;

/**
 * What the image service can answer instead of a result. The message names the thing, the path and
 * the reason.
 */
public abstract sealed class ImageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private ImageException(String message, Throwable cause) {
    super(message, cause);
  }

  private ImageException(String message) {
    super(message);
  }

  public static final class NotFound extends ImageException {
    private static final long serialVersionUID = 1;

    public NotFound(String message) {
      super(message);
    }

    public NotFound(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class AlreadyExists extends ImageException {
    private static final long serialVersionUID = 1;

    public AlreadyExists(String message) {
      super(message);
    }

    public AlreadyExists(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class InvalidArgument extends ImageException {
    private static final long serialVersionUID = 1;

    public InvalidArgument(String message) {
      super(message);
    }

    public InvalidArgument(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class FailedPrecondition extends ImageException {
    private static final long serialVersionUID = 1;

    public FailedPrecondition(String message) {
      super(message);
    }

    public FailedPrecondition(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class Unauthenticated extends ImageException {
    private static final long serialVersionUID = 1;

    public Unauthenticated(String message) {
      super(message);
    }

    public Unauthenticated(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class PermissionDenied extends ImageException {
    private static final long serialVersionUID = 1;

    public PermissionDenied(String message) {
      super(message);
    }

    public PermissionDenied(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class ResourceExhausted extends ImageException {
    private static final long serialVersionUID = 1;

    public ResourceExhausted(String message) {
      super(message);
    }

    public ResourceExhausted(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class DeadlineExceeded extends ImageException {
    private static final long serialVersionUID = 1;

    public DeadlineExceeded(String message) {
      super(message);
    }

    public DeadlineExceeded(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class Unavailable extends ImageException {
    private static final long serialVersionUID = 1;

    public Unavailable(String message) {
      super(message);
    }

    public Unavailable(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class Unimplemented extends ImageException {
    private static final long serialVersionUID = 1;

    public Unimplemented(String message) {
      super(message);
    }

    public Unimplemented(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class Internal extends ImageException {
    private static final long serialVersionUID = 1;

    public Internal(String message) {
      super(message);
    }

    public Internal(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
