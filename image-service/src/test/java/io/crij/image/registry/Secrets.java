package io.crij.image.registry;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Looks for what must not be told. */
final class Secrets {
  private Secrets() {}

  /** All that a log would show of a failure: messages, causes, suppressed, frames. */
  static String everythingIn(Throwable e) {
    StringWriter text = new StringWriter();
    e.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
