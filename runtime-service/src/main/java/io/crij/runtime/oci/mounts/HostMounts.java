package io.crij.runtime.oci.mounts;

import io.crij.cri.v1.Mount;
import io.crij.runtime.ServiceException;
import io.crij.runtime.oci.HandlerFeatures;
import io.crij.runtime.selinux.Relabelling;
import io.crij.runtime.settings.MountSettings;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Mounts of the request: files and directories of the node (CRI, Mount). Of one container. */
public final class HostMounts {
  private static final int PATH_LIMIT = 4096;
  private static final Set<String> OPTIONS = Set.of("noexec", "nodev", "nosuid");

  // Nothing is made there for a mount: a missing path is a mistake, never an empty directory.
  private static final List<Path> NOTHING_MADE_IN =
      List.of(Path.of("/proc"), Path.of("/sys"), Path.of("/dev"));

  private final HandlerFeatures features;
  private final MountSettings settings;
  private final Relabelling relabelling;
  private String rootfsPropagation = "";

  /**
   * @param relabelling of what the request says is to be relabelled
   */
  public HostMounts(HandlerFeatures features, MountSettings settings, Relabelling relabelling) {
    this.features = features;
    this.settings = settings;
    this.relabelling = relabelling;
  }

  /** What the root must have so that the mounts seen so far propagate. */
  String rootfsPropagation() {
    return rootfsPropagation;
  }

  SpecMount of(Mount mount) {
    Path destination = path(mount.getContainerPath(), "container_path");
    if (destination.getNameCount() == 0) {
      throw invalid(mount, "container_path must not be /");
    }
    Path source = source(mount);
    List<String> options = new ArrayList<>(List.of("rbind", propagation(mount, source)));
    if (mount.getRecursiveReadOnly()) {
      options.add(recursiveReadOnly(mount));
    }
    options.add(mount.getReadonly() ? "ro" : "rw");
    for (String option : mount.getMountOptionsList()) {
      if (!OPTIONS.contains(option)) {
        throw invalid(mount, "mount_options: '" + option + "' is not one of " + OPTIONS);
      }
      options.add(option);
    }
    if (isMapped(mount)) {
      options.add("ridmap");
    }
    if (mount.getSelinuxRelabel()) {
      relabelling.relabel(source);
    }
    return new SpecMount(
        destination.toString(),
        "bind",
        source.toString(),
        options,
        mount.getUidMappingsList(),
        mount.getGidMappingsList());
  }

  private boolean isMapped(Mount mount) {
    boolean mapped = mount.getUidMappingsCount() > 0;
    if (mapped != mount.getGidMappingsCount() > 0) {
      throw invalid(mount, "uidMappings and gidMappings need each other");
    }
    if (mapped && !features.userNamespaces()) {
      throw invalid(mount, "uidMappings are not supported by the pod's runtime handler");
    }
    return mapped;
  }

  private String recursiveReadOnly(Mount mount) {
    if (!mount.getReadonly()) {
      throw invalid(mount, "recursive_read_only needs readonly");
    }
    if (mount.getPropagationValue() != 0) {
      throw invalid(mount, "recursive_read_only needs propagation PRIVATE");
    }
    if (!features.recursiveReadOnlyMounts()) {
      throw invalid(mount, "recursive_read_only is not supported by the pod's runtime handler");
    }
    return "rro";
  }

  /**
   * The real path; a missing directory is made. The CRI asks for an error, but both peers make the
   * directory, and kubelets rely on it.
   */
  private Path source(Mount mount) {
    Path path = path(mount.getHostPath(), "host_path");
    boolean rejected = settings.absentToReject().contains(path);
    boolean made = !rejected && NOTHING_MADE_IN.stream().noneMatch(path::startsWith);
    try {
      return HostPaths.NODE.real(settings.nodeRoot(), path, made);
    } catch (NoSuchFileException missing) {
      String why = rejected ? ", and is one of absent_mount_sources_to_reject" : "";
      throw invalid(mount, "host_path does not exist" + why);
    } catch (IOException e) {
      throw new ServiceException.InvalidArgument(
          "mounts.host_path: " + path + ": " + e.getMessage(), e);
    }
  }

  private String propagation(Mount mount, Path source) {
    return switch (mount.getPropagation()) {
      case PROPAGATION_PRIVATE -> "rprivate";
      case PROPAGATION_HOST_TO_CONTAINER -> {
        if (!MountPropagation.of(source).receives()) {
          throw invalid(mount, "host_path is on a mount that is neither shared nor slave");
        }
        if (rootfsPropagation.isEmpty()) {
          rootfsPropagation = "rslave";
        }
        yield "rslave";
      }
      case PROPAGATION_BIDIRECTIONAL -> {
        if (!MountPropagation.of(source).shared()) {
          throw invalid(mount, "host_path is on a mount that is not shared");
        }
        rootfsPropagation = "rshared";
        yield "rshared";
      }
      case UNRECOGNIZED ->
          throw invalid(mount, "unknown propagation " + mount.getPropagationValue());
    };
  }

  private static Path path(String text, String field) {
    if (!text.startsWith("/") || text.length() > PATH_LIMIT || text.indexOf('\0') >= 0) {
      throw new ServiceException.InvalidArgument(
          "mounts." + field + ": not an absolute path: '" + text + "'");
    }
    return Path.of(text).normalize();
  }

  private static ServiceException.InvalidArgument invalid(Mount mount, String reason) {
    return new ServiceException.InvalidArgument(
        "mounts: " + mount.getHostPath() + " at " + mount.getContainerPath() + ": " + reason);
  }
}
