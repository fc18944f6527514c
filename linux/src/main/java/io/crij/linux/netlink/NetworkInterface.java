package io.crij.linux.netlink;

/**
 * A network interface and what went through it (struct rtnl_link_stats64).
 *
 * @param isLoopback whether it is {@code lo}
 */
public record NetworkInterface(String name, boolean isLoopback, Traffic received, Traffic sent) {
  /** One direction, since the interface was made. */
  public record Traffic(long packets, long bytes, long errors, long dropped) {}
}
