package io.crij.runtime.oci.node;

import java.util.Set;

/**
 * Control groups of the node.
 *
 * @param unified version 2 only
 * @param controllers names, as in {@code memory}
 * @param swapAccounting whether memory and swap together can be limited
 */
public record CgroupFacts(boolean unified, Set<String> controllers, boolean swapAccounting) {
  public CgroupFacts {
    controllers = Set.copyOf(controllers);
  }

  public boolean has(String controller) {
    return controllers.contains(controller);
  }
}
