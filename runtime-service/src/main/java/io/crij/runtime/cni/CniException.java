package io.crij.runtime.cni;

/** A network configuration is wrong, or a plugin failed. The message names the file or plugin. */
public final class CniException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public CniException(String message) {
    super(message);
  }

  public CniException(String message, Throwable cause) {
    super(message, cause);
  }
}
