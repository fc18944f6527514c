package io.crij.linux.netlink;

import com.sun.jna.Native;

/** The C functions of this package. */
final class NetlinkLibrary {
  static {
    Native.register(NetlinkLibrary.class, "c");
  }

  private NetlinkLibrary() {}

  static native int socket(int domain, int type, int protocol);
}
