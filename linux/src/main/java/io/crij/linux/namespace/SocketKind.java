package io.crij.linux.namespace;

/**
 * What socket(2) is asked for.
 *
 * @param type with flags
 */
record SocketKind(int family, int type, int protocol) {
  private static final int CLOEXEC = 0x80000;
  private static final int NONBLOCK = 0x800;

  /** TCP of an address family. */
  static SocketKind tcp(int family) {
    return new SocketKind(family, 1 | CLOEXEC, 0);
  }

  /** Messages to and from a part of the kernel; does not block. */
  static SocketKind netlink(int protocol) {
    return new SocketKind(16, 3 | CLOEXEC | NONBLOCK, protocol);
  }
}
