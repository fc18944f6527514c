package io.crij.linux.netlink;

import io.crij.linux.LinuxException;
import io.crij.linux.inet.AddressFamily;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * The addresses of a network namespace: what is sent to them stays there (rtnetlink(7)). The kernel
 * is asked each time, as it asks itself of a packet; of one thread at a time.
 */
public final class LocalAddresses {
  /** The protocol of the socket. */
  public static final int NETLINK_ROUTE = 0;

  private static final int RTM_NEWROUTE = 24;
  private static final int RTM_GETROUTE = 26;
  private static final int RTMSG_BYTES = 12;
  private static final int RTMSG_TYPE = 7;
  private static final int RTN_LOCAL = 2;
  private static final int RTA_DST = 1;

  private final NetlinkSocket route;

  /**
   * @param route of the namespace, which stays the caller's
   */
  public LocalAddresses(NetlinkSocket route) {
    this.route = route;
  }

  public boolean contains(InetAddress address) {
    boolean[] local = {false};
    try {
      route
          .request(RTM_GETROUTE)
          .fixed(AddressFamily.of(address), RTMSG_BYTES)
          .attribute(RTA_DST, ByteBuffer.wrap(address.getAddress()))
          .ask(
              RTMSG_BYTES,
              "find the way to " + address.getHostAddress(),
              message ->
                  local[0] |=
                      message.type() == RTM_NEWROUTE
                          && message.fixed().get(RTMSG_TYPE) == RTN_LOCAL);
    } catch (LinuxException _) {
      return false; // no way leads there
    }
    return local[0];
  }
}
