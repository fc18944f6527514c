package io.crij.runtime.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Which devices of the node containers get.
 *
 * @param additional for all containers
 * @param allowed those that a pod's annotation may name
 * @param ownedByUser whether devices that a request names belong to the container's user and group,
 *     if those are not root
 * @param cdiSpecDirs where devices by the Container Device Interface are described; a later folder
 *     wins over an earlier one
 */
public record DeviceSettings(
    List<DeviceMapping> additional,
    Set<Path> allowed,
    boolean ownedByUser,
    List<Path> cdiSpecDirs) {
  /** None. */
  public static final DeviceSettings NONE =
      new DeviceSettings(List.of(), Set.of(), false, List.of());

  public DeviceSettings {
    additional = List.copyOf(additional);
    allowed = Set.copyOf(allowed);
    cdiSpecDirs = List.copyOf(cdiSpecDirs);
  }
}
