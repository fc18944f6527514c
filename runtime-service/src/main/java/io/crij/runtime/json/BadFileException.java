package io.crij.runtime.json;

/** A file does not say what it should; the message names it and the field. */
public final class BadFileException extends Exception {
  private static final long serialVersionUID = 1;

  public BadFileException(String message) {
    super(message);
  }

  public BadFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
