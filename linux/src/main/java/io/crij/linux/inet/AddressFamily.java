package io.crij.linux.inet;

import java.net.Inet6Address;
import java.net.InetAddress;

/** Families of addresses (socket(2)). */
public final class AddressFamily {
  public static final int AF_INET = 2;
  public static final int AF_INET6 = 10;

  private AddressFamily() {}

  public static int of(InetAddress address) {
    return address instanceof Inet6Address ? AF_INET6 : AF_INET;
  }
}
