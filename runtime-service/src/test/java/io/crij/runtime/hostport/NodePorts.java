package io.crij.runtime.hostport;

import java.nio.file.Files;
import java.nio.file.Path;

/** Ports of a node that is a network namespace. */
public final class NodePorts {
  private NodePorts() {}

  public static HostPorts of(Path runroot, Path nft, PortForwarder forwarder, Path network) {
    return new HostPorts(runroot, new Nft(Files.exists(nft) ? nft : null), forwarder, network);
  }
}
