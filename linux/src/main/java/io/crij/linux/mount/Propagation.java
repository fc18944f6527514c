package io.crij.linux.mount;

/** Whether mounts below a mount travel to its peers and back (mount_namespaces(7)). */
public enum Propagation {
  PRIVATE(1L << 18),
  SLAVE(1L << 19),
  SHARED(1L << 20);

  private final long flag;

  Propagation(long flag) {
    this.flag = flag;
  }

  long flag() {
    return flag;
  }
}
