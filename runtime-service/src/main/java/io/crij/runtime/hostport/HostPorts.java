package io.crij.runtime.hostport;

import io.crij.cri.v1.PortMapping;
import io.crij.cri.v1.Protocol;
import io.crij.linux.LinuxException;
import io.crij.linux.namespace.Conntrack;
import io.crij.linux.namespace.Namespaces;
import io.crij.linux.namespace.Sysctl;
import io.crij.runtime.ServiceException;
import io.crij.runtime.program.CommandLine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ports of the node that lead to pods, by nftables. */
public final class HostPorts {
  private static final Logger log = LoggerFactory.getLogger(HostPorts.class);

  private static final List<String> PROGRAM_FOLDERS =
      List.of("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin");
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Path OWN_NETWORK = Path.of("/proc/self/ns/net");

  private final String prefix;
  private final @Nullable Path nft;
  private final Path network;

  HostPorts(Path runroot, @Nullable Path nft, Path network) {
    prefix = "crij_%08x_".formatted(runroot.toString().hashCode());
    this.nft = nft;
    this.network = network;
  }

  /**
   * By the node's nft(8), if it has one.
   *
   * @param runroot of this instance, to tell its rules from those of others
   */
  public static HostPorts ofNode(Path runroot) {
    Optional<Path> nft =
        PROGRAM_FOLDERS.stream()
            .map(folder -> Path.of(folder, "nft"))
            .filter(Files::isExecutable)
            .findFirst();
    return new HostPorts(runroot, nft.orElse(null), OWN_NETWORK);
  }

  /** Whether ports can lead to pods on this node. */
  public boolean isAvailable() {
    return nft != null;
  }

  /**
   * Has ports lead to a pod, instead of what did before.
   *
   * @param mappings checked, with host ports
   * @throws ServiceException.Internal with nft's own words
   */
  public void open(String sandboxId, List<PortMapping> mappings, PodEnd pod) {
    run(new Ruleset(prefix + sandboxId, pod).replace(mappings));
    // Else connections to 127.0.0.1 would not leave; an interface may be gone by now.
    Namespaces.write(
        network,
        pod.interfaces().stream()
            .map(name -> new Sysctl("net/ipv4/conf/" + name + "/route_localnet", "1", true))
            .toList());
    forgetFlows(mappings, pod);
  }

  /**
   * Has no port lead to the pod any more; "already gone" is success.
   *
   * @param pod where it was; null: nobody knows
   */
  public void close(String sandboxId, List<PortMapping> mappings, @Nullable PodEnd pod) {
    if (nft != null) {
      run(Ruleset.remove(prefix + sandboxId));
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

  /** The pods to which ports lead. */
  public Set<String> sandboxIds() {
    Set<String> ids = new HashSet<>();
    if (nft != null) {
      Matcher tables =
          Pattern.compile("table inet " + prefix + "([0-9a-f]+)\\b")
              .matcher(run("list tables inet"));
      while (tables.find()) {
        ids.add(tables.group(1));
      }
    }
    return ids;
  }

  private String run(String commands) {
    if (nft == null) {
      throw new ServiceException.FailedPrecondition("there is no nft(8) on the node");
    }
    CommandLine.Result result = CommandLine.run(List.of(nft.toString(), commands), LIMIT);
    if (!result.succeeded()) {
      throw new ServiceException.Internal("nft: " + result.output().strip());
    }
    return result.output();
  }
}
