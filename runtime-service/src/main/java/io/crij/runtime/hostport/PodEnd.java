package io.crij.runtime.hostport;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a pod is on the node's network.
 *
 * @param addresses each with the length of its network's prefix
 * @param interfaces of the node, by which the pod is reached
 */
public record PodEnd(List<Address> addresses, List<String> interfaces) {
  public PodEnd {
    addresses = List.copyOf(addresses);
    interfaces = List.copyOf(interfaces);
  }

  /** Its first address of a family; null when it has none. */
  @Nullable InetAddress address(boolean ipv6) {
    return addresses.stream()
        .filter(one -> one.isIpv6() == ipv6)
        .map(Address::ip)
        .findFirst()
        .orElse(null);
  }

  /** Whether an address is the pod's. */
  boolean has(InetAddress address) {
    return addresses.stream().anyMatch(one -> one.ip().equals(address));
  }

  /** An address of the pod. */
  public record Address(InetAddress ip, int prefixBits) {
    /**
     * @param cidr e.g. {@code 10.1.2.3/24}
     * @throws IllegalArgumentException when it is none
     */
    public static Address parse(String cidr) {
      int slash = cidr.indexOf('/');
      InetAddress ip = InetAddress.ofLiteral(slash < 0 ? cidr : cidr.substring(0, slash));
      int bits = ip.getAddress().length * Byte.SIZE;
      int prefix = slash < 0 ? bits : Integer.parseInt(cidr.substring(slash + 1));
      if (prefix < 0 || prefix > bits) {
        throw new IllegalArgumentException("prefix of " + cidr);
      }
      return new Address(ip, prefix);
    }

    boolean isIpv6() {
      return ip instanceof Inet6Address;
    }

    /** Without a zone. */
    String text() {
      String text = ip.getHostAddress();
      int zone = text.indexOf('%');
      return zone < 0 ? text : text.substring(0, zone);
    }
  }
}
