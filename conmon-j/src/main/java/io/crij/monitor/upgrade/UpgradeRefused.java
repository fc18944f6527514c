package io.crij.monitor.upgrade;

/** The program cannot take the monitor's place, which goes on as before. */
final class UpgradeRefused extends Exception {
  private static final long serialVersionUID = 1;

  UpgradeRefused(String message) {
    super(message);
  }
}
