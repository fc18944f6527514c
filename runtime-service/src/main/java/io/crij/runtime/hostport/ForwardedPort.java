package io.crij.runtime.hostport;

import io.crij.cri.v1.PortMapping;
import io.crij.cri.v1.Protocol;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A port of the node at which a process listens for a pod.
 *
 * @param address of the node
 * @param required false where nobody has asked for this very address
 */
public record ForwardedPort(
    Protocol protocol,
    InetAddress address,
    int port,
    InetAddress target,
    int targetPort,
    boolean required) {
  private static final InetAddress ALL_IPV4 = InetAddress.ofLiteral("0.0.0.0");
  private static final InetAddress ALL_IPV6 = InetAddress.ofLiteral("::");
  private static final InetAddress LOOPBACK_IPV4 = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress LOOPBACK_IPV6 = InetAddress.ofLiteral("::1");

  /**
   * What rules in the kernel cannot do: lead {@code ::1} elsewhere, and from one family of
   * addresses to the other; or anything, where there are none.
   *
   * @param mapping checked, with a host port
   * @param translated whether there are rules
   */
  static List<ForwardedPort> of(PortMapping mapping, PodEnd pod, boolean translated) {
    List<ForwardedPort> ports = new ArrayList<>();
    for (InetAddress asked : asked(mapping.getHostIp())) {
      InetAddress target = pod.address(asked instanceof Inet6Address);
      InetAddress address = address(asked, target, mapping.getHostIp(), translated);
      if (address != null && !pod.addresses().isEmpty()) {
        ports.add(
            new ForwardedPort(
                mapping.getProtocol(),
                address,
                mapping.getHostPort(),
                target == null ? pod.addresses().getFirst().ip() : target,
                mapping.getContainerPort(),
                address.equals(asked)));
      }
    }
    return ports;
  }

  private static List<InetAddress> asked(String hostIp) {
    return hostIp.isEmpty() ? List.of(ALL_IPV4, ALL_IPV6) : List.of(InetAddress.ofLiteral(hostIp));
  }

  /**
   * Where to listen; null: nowhere.
   *
   * @param target of the same family as {@code asked}; null: the pod has none
   */
  private static @Nullable InetAddress address(
      InetAddress asked, @Nullable InetAddress target, String hostIp, boolean translated) {
    if (target == null) {
      // Who asks for all addresses means those by which the pod is on the network, and localhost.
      return hostIp.isEmpty() ? loopback(asked) : asked;
    }
    if (!translated) {
      return asked;
    }
    return asked.equals(ALL_IPV6) || asked.equals(LOOPBACK_IPV6) ? LOOPBACK_IPV6 : null;
  }

  private static InetAddress loopback(InetAddress ofFamily) {
    return ofFamily instanceof Inet6Address ? LOOPBACK_IPV6 : LOOPBACK_IPV4;
  }
}
