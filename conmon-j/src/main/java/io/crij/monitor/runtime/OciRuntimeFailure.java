package io.crij.monitor.runtime;

/** The OCI runtime did not do what it was asked. */
public final class OciRuntimeFailure extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean timedOut;
  private final String runtimeMessage;

  OciRuntimeFailure(String message, String runtimeMessage, boolean timedOut) {
    super(message);
    this.timedOut = timedOut;
    this.runtimeMessage = runtimeMessage;
  }

  /** The same with other words of the runtime. */
  public OciRuntimeFailure saying(String words) {
    return new OciRuntimeFailure(String.valueOf(getMessage()), words, timedOut);
  }

  /** Whether it was killed because it took too long. */
  public boolean isTimedOut() {
    return timedOut;
  }

  /** In the runtime's own words; may be empty. */
  public String runtimeMessage() {
    return runtimeMessage;
  }
}
