package io.crij.runtime.monitor;

import io.crij.monitor.v1.Failure;
import io.crij.monitor.v1.FailureCode;

/** The monitor answered a request with a failure. */
public final class MonitorFailure extends Exception {
  private static final long serialVersionUID = 1;

  private final FailureCode code;
  private final String runtimeMessage;

  MonitorFailure(Failure failure) {
    super(failure.getMessage());
    this.code = failure.getCode();
    this.runtimeMessage = failure.getRuntimeMessage();
  }

  public FailureCode code() {
    return code;
  }

  /** What the OCI runtime itself said; may be empty. */
  public String runtimeMessage() {
    return runtimeMessage;
  }

  /** The runtime's words if there are any, else the monitor's. */
  public String reason() {
    return runtimeMessage.isEmpty() ? String.valueOf(getMessage()) : runtimeMessage;
  }
}
