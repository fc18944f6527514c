package io.crij.linux.systemd;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** The functions of the C library that deal with the socket of a service manager. */
final class NotifyLibrary {
  static {
    Native.register(NotifyLibrary.class, "c");
  }

  private NotifyLibrary() {}

  static native int socket(int domain, int type, int protocol);

  static native long sendmsg(int fd, Pointer message, int flags);
}
