package io.crij.records;

/** The database refused or failed; the message names its file. */
public final class RecordsException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public RecordsException(String message, Throwable cause) {
    super(message, cause);
  }
}
