package io.crij.server.config.given;

/** When crijd takes up a value that was changed. */
public enum Applied {
  /** At its next start. */
  AT_START,

  /** At SIGHUP, for what is made from then on. */
  AT_HANGUP
}
