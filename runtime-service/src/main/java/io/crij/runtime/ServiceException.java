package io.crij.runtime;

/**
 * What the runtime service can answer instead of a result. The message names the thing, the path
 * and the reason.
 */
public abstract sealed class ServiceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private ServiceException(String message, Throwable cause) {
    super(message, cause);
  }

  private ServiceException(String message) {
    super(message);
  }

  public static final class NotFound extends ServiceException {
    private static final long serialVersionUID = 1;

    public NotFound(String message) {
      super(message);
    }

    public NotFound(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class AlreadyExists extends ServiceException {
    private static final long serialVersionUID = 1;

    public AlreadyExists(String message) {
      super(message);
    }

    public AlreadyExists(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class InvalidArgument extends ServiceException {
    private static final long serialVersionUID = 1;

    public InvalidArgument(String message) {
      super(message);
    }

    public InvalidArgument(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class FailedPrecondition extends ServiceException {
    private static final long serialVersionUID = 1;

    public FailedPrecondition(String message) {
      super(message);
    }

    public FailedPrecondition(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class Unauthenticated extends ServiceException {
    private static final long serialVersionUID = 1;

    public Unauthenticated(String message) {
      super(message);
    }

    public Unauthenticated(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class PermissionDenied extends ServiceException {
    private static final long serialVersionUID = 1;

    public PermissionDenied(String message) {
      super(message);
    }

    public PermissionDenied(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class ResourceExhausted extends ServiceException {
    private static final long serialVersionUID = 1;

    public ResourceExhausted(String message) {
      super(message);
    }

    public ResourceExhausted(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class DeadlineExceeded extends ServiceException {
    private static final long serialVersionUID = 1;

    public DeadlineExceeded(String message) {
      super(message);
    }

    public DeadlineExceeded(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class Unavailable extends ServiceException {
    private static final long serialVersionUID = 1;

    public Unavailable(String message) {
      super(message);
    }

    public Unavailable(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class Unimplemented extends ServiceException {
    private static final long serialVersionUID = 1;

    public Unimplemented(String message) {
      super(message);
    }

    public Unimplemented(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static final class Internal extends ServiceException {
    private static final long serialVersionUID = 1;

    public Internal(String message) {
      super(message);
    }

    public Internal(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
