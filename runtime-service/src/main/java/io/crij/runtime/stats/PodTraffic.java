package io.crij.runtime.stats;

import io.crij.cri.v1.NetworkUsage;
import io.crij.linux.LinuxException;
import io.crij.linux.namespace.NamespaceType;
import io.crij.linux.netlink.NetworkInterface;
import io.crij.linux.netlink.RouteSocket;
import io.crij.runtime.sandbox.Sandbox;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What goes through the interfaces of a pod's network. */
public final class PodTraffic {
  /** What CNI is told to make, and the kubelet calls the default one. */
  private static final String DEFAULT_INTERFACE = "eth0";

  private PodTraffic() {}

  /** Null for a pod on the node's network, and for one that has no interface, or none any more. */
  static @Nullable NetworkUsage usage(Sandbox sandbox, RouteSocket route) {
    return usage(interfaces(sandbox, route));
  }

  /**
   * A kubelet of version 1.36 that has its figures from the CRI ends with a panic where a network
   * has no default interface ({@code criInterfaceToSummary}), and a pod with CAP_NET_ADMIN can
   * rename or remove its {@code eth0}: then the first one stands for it.
   */
  static @Nullable NetworkUsage usage(List<NetworkInterface> interfaces) {
    if (interfaces.isEmpty()) {
      return null;
    }
    NetworkInterface standard =
        interfaces.stream()
            .filter(one -> one.name().equals(DEFAULT_INTERFACE))
            .findFirst()
            .orElse(interfaces.getFirst());
    NetworkUsage.Builder usage =
        NetworkUsage.newBuilder()
            .setTimestamp(UsageMessages.nanos(Instant.now()))
            .setDefaultInterface(UsageMessages.network(standard));
    interfaces.stream()
        .filter(one -> !one.equals(standard))
        .forEach(one -> usage.addInterfaces(UsageMessages.network(one)));
    return usage.build();
  }

  /** Those of the pod's own network, but {@code lo}; none when that is gone. */
  public static List<NetworkInterface> interfaces(Sandbox sandbox, RouteSocket route) {
    Path namespace = sandbox.namespacePath(NamespaceType.NETWORK);
    if (namespace == null) {
      return List.of();
    }
    try {
      return route.interfaces(namespace).stream().filter(one -> !one.isLoopback()).toList();
    } catch (LinuxException _) {
      return List.of(); // the pod was stopped meanwhile
    }
  }
}
