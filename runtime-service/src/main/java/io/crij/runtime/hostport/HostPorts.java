package io.crij.runtime.hostport;

import io.crij.cri.v1.PortMapping;
import io.crij.cri.v1.Protocol;
import io.crij.linux.LinuxException;
import io.crij.linux.namespace.Conntrack;
import io.crij.linux.namespace.Namespaces;
import io.crij.linux.namespace.Sysctl;
import io.crij.runtime.ServiceException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ports of the node that lead to pods: by nftables, and by a process that listens where the kernel
 * cannot do it.
 */
public final class HostPorts {
  private static final Logger log = LoggerFactory.getLogger(HostPorts.class);
  private static final Path OWN_NETWORK = Path.of("/proc/self/ns/net");

  private final String prefix;
  private final Nft nft;
  private final PortForwarder forwarder;
  private final Path network;

  HostPorts(Path runroot, Nft nft, PortForwarder forwarder, Path network) {
    prefix = "crij_%08x_".formatted(runroot.toString().hashCode());
    this.nft = nft;
    this.forwarder = forwarder;
    this.network = network;
  }

  /**
   * By the node's nft(8), if it has one that works.
   *
   * @param runroot of this instance, to tell its rules from those of others
   */
  public static HostPorts ofNode(Path runroot, PortForwarder forwarder) {
    return new HostPorts(runroot, Nft.ofNode(), forwarder, OWN_NETWORK);
  }

  /**
   * Has ports lead to a pod, instead of what did before.
   *
   * @param mappings checked, with host ports
   * @throws ServiceException.FailedPrecondition when a process has to listen at one, and cannot
   * @throws ServiceException.Internal with nft's own words
   */
  public void open(String sandboxId, List<PortMapping> mappings, PodEnd pod) {
    forward(sandboxId, mappings, pod);
    if (!nft.works()) {
      return;
    }
    nft.run(new Ruleset(prefix + sandboxId, pod).replace(mappings));
    // Else connections to 127.0.0.1 would not leave; an interface may be gone by now.
    Namespaces.write(
        network,
        pod.interfaces().stream()
            .map(name -> new Sysctl("net/ipv4/conf/" + name + "/route_localnet", "1", true))
            .toList());
    forgetFlows(mappings, pod);
  }

  private void forward(String sandboxId, List<PortMapping> mappings, PodEnd pod) {
    List<ForwardedPort> ports =
        mappings.stream()
            .flatMap(mapping -> ForwardedPort.of(mapping, pod, nft.works()).stream())
            .toList();
    for (String reason : forwarder.forward(sandboxId, ports)) {
      log.warn("sandbox {}: not at a loopback address of the node: {}", sandboxId, reason);
    }
  }

  /**
   * Has no port lead to the pod any more; "already gone" is success.
   *
   * @param pod where it was; null: nobody knows
   */
  public void close(String sandboxId, List<PortMapping> mappings, @Nullable PodEnd pod) {
    var _ = forwarder.forward(sandboxId, List.of());
    if (nft.works()) {
      nft.run(Ruleset.remove(prefix + sandboxId));
      if (pod != null) {
        forgetFlows(mappings, pod);
      }
    }
  }

  /** Closes what a pod without a record has left. */
  public void close(String sandboxId) {
    close(sandboxId, List.of(), null);
  }

  /**
   * A flow of UDP goes on as it began as long as somebody sends: to nobody, or to a pod that is
   * gone. Those that lead elsewhere are left alone, and one that leads nowhere loses nothing.
   */
  private void forgetFlows(List<PortMapping> mappings, PodEnd pod) {
    List<HostPort> ports =
        mappings.stream()
            .filter(mapping -> mapping.getProtocol() == Protocol.UDP)
            .map(HostPort::of)
            .toList();
    if (ports.isEmpty()) {
      return;
    }
    try {
      Conntrack.forgetUdp(
          network,
          flow ->
              (flow.isUnchanged() || pod.has(flow.answerer()))
                  && ports.stream().anyMatch(port -> port.overlaps(asked(flow))));
    } catch (LinuxException e) {
      // They end by themselves two minutes after their last packet.
      log.warn("flows to {} of the node go on as they are: {}", ports, e.getMessage());
    }
  }

  private static HostPort asked(Conntrack.Flow flow) {
    return new HostPort(Protocol.UDP, flow.port(), flow.to().getHostAddress());
  }

  /** The pods to which ports lead by rules. */
  public Set<String> translated() {
    Set<String> ids = new HashSet<>();
    if (nft.works()) {
      Matcher tables =
          Pattern.compile("table inet " + prefix + "([0-9a-f]+)\\b")
              .matcher(nft.run("list tables inet"));
      while (tables.find()) {
        ids.add(tables.group(1));
      }
    }
    return ids;
  }

  /** The pods for which a process listens. */
  public Set<String> forwarded() {
    return forwarder.sandboxIds();
  }
}
