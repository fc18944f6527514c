package io.crij.runtime.hostport;

import io.crij.cri.v1.PortMapping;
import io.crij.cri.v1.Protocol;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * A port of the node that a mapping takes.
 *
 * @param ip an address of the node; empty: all
 */
public record HostPort(Protocol protocol, int port, String ip) {
  /**
   * @param mapping checked, with a host port
   */
  public static HostPort of(PortMapping mapping) {
    return new HostPort(mapping.getProtocol(), mapping.getHostPort(), mapping.getHostIp());
  }

  /** Whether a packet could be meant for either. */
  public boolean overlaps(HostPort other) {
    return protocol == other.protocol && port == other.port && addressOverlaps(other);
  }

  private boolean addressOverlaps(HostPort other) {
    if (ip.isEmpty() || other.ip.isEmpty()) {
      return true;
    }
    InetAddress mine = InetAddress.ofLiteral(ip);
    InetAddress others = InetAddress.ofLiteral(other.ip);
    return mine.equals(others)
        || (mine instanceof Inet6Address == others instanceof Inet6Address
            && (mine.isAnyLocalAddress() || others.isAnyLocalAddress()));
  }

  /** E.g. "TCP port 80 of 192.0.2.1". */
  @Override
  public String toString() {
    return protocol + " port " + port + " of " + (ip.isEmpty() ? "all addresses" : ip);
  }
}
