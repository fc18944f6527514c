package io.crij.linux.testing;

/**
 * One thing that stands on the machine.
 *
 * @param what identifies it among those of its kind, for people to read
 */
record Trace(Kind kind, String what) {
  enum Kind {
    MOUNT,
    PROCESS,
    ZOMBIE,
    DESCRIPTOR,
    THREAD,
    CGROUP,
    LINK,
    FIREWALL_RULE,
    FILE
  }

  @Override
  public String toString() {
    return kind + " " + what;
  }
}
