package io.crij.runtime.oci.mounts;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.cri.v1.Mount;
import io.crij.runtime.ServiceException;
import io.crij.runtime.settings.MountSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything mounted into a container, parents before what lies in them. A mount of the request
 * replaces a default one at the same place.
 *
 * @param rootfsPropagation of the root, when a mount's propagation needs it; else empty
 */
public record ContainerMounts(List<SpecMount> mounts, String rootfsPropagation) {
  private static final int COUNT_LIMIT = 4096;

  public ContainerMounts {
    mounts = List.copyOf(mounts);
  }

  /**
   * Makes the table; directories of the node that are missing are made.
   *
   * @param hostMounts makes those of the request
   * @param cgroupAccess rw or ro
   * @param ofDevices what comes with devices, which replaces others at its place
   * @throws ServiceException.InvalidArgument naming the mount
   */
  public static ContainerMounts of(
      ContainerConfig config,
      PodFiles files,
      HostMounts hostMounts,
      MountSettings settings,
      String cgroupAccess,
      List<SpecMount> ofDevices) {
    LinuxContainerSecurityContext security = config.getLinux().getSecurityContext();
    if (config.getMountsCount() > COUNT_LIMIT) {
      throw new ServiceException.InvalidArgument("mounts: more than " + COUNT_LIMIT);
    }
    Map<String, SpecMount> byDestination = new LinkedHashMap<>();
    for (SpecMount mount : DefaultMounts.of(files, security, settings, cgroupAccess)) {
      byDestination.put(mount.destination(), mount);
    }
    for (SpecMount mount : ListedMounts.of(settings.mountsFiles())) {
      byDestination.putIfAbsent(mount.destination(), mount);
    }
    List<SpecMount> requested = new ArrayList<>();
    for (Mount mount : config.getMountsList()) {
      SpecMount entry = hostMounts.of(mount);
      byDestination.remove(entry.destination());
      requested.add(entry);
    }
    for (SpecMount mount : ofDevices) {
      byDestination.remove(mount.destination());
      requested.removeIf(other -> other.destination().equals(mount.destination()));
      requested.add(mount);
    }
    List<SpecMount> all = new ArrayList<>(byDestination.values());
    all.addAll(requested);
    all.sort(Comparator.comparingLong(mount -> depth(mount.destination())));
    return new ContainerMounts(all, hostMounts.rootfsPropagation());
  }

  private static long depth(String path) {
    return path.chars().filter(c -> c == '/').count();
  }
}
