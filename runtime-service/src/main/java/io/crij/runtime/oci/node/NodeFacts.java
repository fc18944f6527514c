package io.crij.runtime.oci.node;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What this node has and allows, as far as specifications depend on it. Read once at start.
 *
 * @param boundingCapabilities of this process, as in {@code CAP_CHOWN}: no container can have more
 * @param highestCapability number of the last capability that the kernel knows
 * @param oomScoreAdj of this process
 * @param mayLowerOomScore whether a container's may be lower than {@code oomScoreAdj}
 * @param limits the node's resource limits, for every container
 * @param cgroups controllers
 * @param hugepageSizes as in {@code 2MB}
 * @param highestProcessor number of the last CPU that the node can have
 * @param highestMemoryNode number of the last NUMA node that the node can have
 */
public record NodeFacts(
    Set<String> boundingCapabilities,
    int highestCapability,
    int oomScoreAdj,
    boolean mayLowerOomScore,
    List<ResourceLimit> limits,
    CgroupFacts cgroups,
    Set<String> hugepageSizes,
    int highestProcessor,
    int highestMemoryNode,
    boolean seccomp,
    @Nullable SelinuxPolicy selinux) {

  public NodeFacts {
    boundingCapabilities = Set.copyOf(boundingCapabilities);
    limits = List.copyOf(limits);
    hugepageSizes = Set.copyOf(hugepageSizes);
  }

  /** Reads the facts of the node this process runs on. */
  public static NodeFacts read() {
    return read(Path.of("/"));
  }

  /**
   * Reads the facts of a node.
   *
   * @param root where its {@code proc} and {@code sys} are
   */
  public static NodeFacts read(Path root) {
    return new NodeFactsReader(root).read();
  }

  /** Whether the kernel knows a capability, as in {@code CAP_CHOWN}. */
  public boolean knowsCapability(String name) {
    int number = CapabilityNames.number(name);
    return number >= 0 && number <= highestCapability;
  }
}
