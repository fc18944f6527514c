package io.crij.monitor.framing;

/** Which of its streams a container has written to. */
public enum OutputStreamKind {
  STDOUT(1, "stdout"),
  STDERR(2, "stderr");

  private final int number;
  private final String label;

  OutputStreamKind(int number, String label) {
    this.number = number;
    this.label = label;
  }

  /** The container's descriptor, and the number in the journal. */
  public int number() {
    return number;
  }

  /** As in log lines. */
  public String label() {
    return label;
  }
}
