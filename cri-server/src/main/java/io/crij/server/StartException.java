package io.crij.server;

/** crijd cannot start. */
final class StartException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Why, as the exit status tells it. */
  enum Reason {
    FAILED(1),
    ALREADY_RUNNING(3);

    private final int status;

    Reason(int status) {
      this.status = status;
    }
  }

  private final Reason reason;

  StartException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  StartException(String message, Throwable cause) {
    super(message, cause);
    this.reason = Reason.FAILED;
  }

  int exitStatus() {
    return reason.status;
  }
}
