package io.crij.monitor.systemd;

import io.crij.monitor.v1.FdKind;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of a descriptor in the store: a letter for what it is, and the first digits of the
 * container's id. Short, because the names of all come back in one variable of the environment,
 * which has room for 128 KiB: for 7000 of these, but for 1800 with whole ids.
 */
record StoredName(FdKind kind, String idPrefix) {
  static final int PREFIX_DIGITS = 16;

  private static final Pattern FORM = Pattern.compile("[pioet][0-9a-f]{" + PREFIX_DIGITS + "}");

  static StoredName of(FdKind kind, String containerId) {
    return new StoredName(kind, containerId.substring(0, PREFIX_DIGITS));
  }

  /** Null for what the monitor has not named. */
  static @Nullable StoredName parse(String text) {
    if (!FORM.matcher(text).matches()) {
      return null;
    }
    for (FdKind kind : FdKind.values()) {
      if (letter(kind) == text.charAt(0)) {
        return new StoredName(kind, text.substring(1));
      }
    }
    return null;
  }

  private static char letter(FdKind kind) {
    return switch (kind) {
      case FD_KIND_PIDFD -> 'p';
      case FD_KIND_STDIN -> 'i';
      case FD_KIND_STDOUT -> 'o';
      case FD_KIND_STDERR -> 'e';
      case FD_KIND_TTY -> 't';
      case FD_KIND_UNSPECIFIED, UNRECOGNIZED -> '-';
    };
  }

  @Override
  public String toString() {
    return letter(kind) + idPrefix;
  }
}
