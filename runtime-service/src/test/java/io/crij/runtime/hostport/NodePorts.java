package io.crij.runtime.hostport;

import java.nio.file.Files;
import java.nio.file.Path;

/** Ports of a node that is a network namespace. */
public final class NodePorts {
  private NodePorts() {}

  public static HostPorts of(Path runroot, Path nft, Path network) {
    return new HostPorts(runroot, Files.exists(nft) ? nft : null, network);
  }
}
