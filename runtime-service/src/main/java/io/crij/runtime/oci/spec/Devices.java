package io.crij.runtime.oci.spec;

import io.crij.cri.v1.Device;
import io.crij.cri.v1.LinuxContainerSecurityContext;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cdi.DeviceNode;
import io.crij.runtime.oci.mounts.HostPaths;
import io.crij.runtime.oci.rootfs.ContainerIdentity;
import io.crij.runtime.settings.DeviceMapping;
import io.crij.runtime.settings.DeviceSettings;
import io.crij.runtime.settings.PodAnnotation;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Device files and the rules of the device cgroup (runtime-spec, config-linux.md, "Devices"). The
 * OCI runtime adds /dev/null and its like by itself.
 *
 * @param byPath device files to make; a later one replaces an earlier one at its place
 * @param cgroupRules in order; the first denies all
 */
record Devices(Map<String, ObjectNode> byPath, List<ObjectNode> cgroupRules) {
  private static final int COUNT_LIMIT = 4096;
  private static final int TYPE = 0xf000;
  private static final int CHARACTER = 0x2000;
  private static final int BLOCK = 0x6000;

  // Pseudo-terminals and the like are the container's own, not the node's.
  private static final Set<String> NOT_COPIED =
      Set.of("pts", "shm", "fd", "mqueue", "console", ".lxc", ".lxd-mounts", ".udev");

  /** What an entry has of its own; null: as the node's device. */
  private record Owner(@Nullable Long uid, @Nullable Long gid, @Nullable Integer fileMode) {
    static final Owner NODE = new Owner(null, null, null);
  }

  /**
   * Those of the configuration, of the pod's annotation, of the request, and of descriptions by the
   * Container Device Interface; privileged containers have the node's besides, if their handler
   * gives them.
   */
  static Devices of(SpecInput input) {
    Devices devices = new Devices(new LinkedHashMap<>(), new ArrayList<>());
    boolean hasAll = input.security().getPrivileged() && !input.handlerSettings().keepsDevices();
    ObjectNode all = Json.object();
    all.put("allow", hasAll);
    all.put("access", "rwm");
    devices.cgroupRules.add(all);
    DeviceSettings settings = input.settings().devices();
    settings.additional().forEach(mapping -> devices.add(mapping, "additional_devices"));
    devices.addAnnotated(input.asked(PodAnnotation.DEVICES), settings);
    if (hasAll) {
      devices.copyFolder(Path.of("/dev"), Path.of("/dev"), "rwm", Owner.NODE);
    }
    Owner owner = settings.ownedByUser() ? user(input.security()) : Owner.NODE;
    for (Device device : input.config().getDevicesList()) {
      devices.add(device, owner);
    }
    input.edits().nodes().forEach(node -> devices.add(node, input.user()));
    return devices;
  }

  List<ObjectNode> nodes() {
    return List.copyOf(byPath.values());
  }

  private static Owner user(LinuxContainerSecurityContext security) {
    long uid = security.getRunAsUser().getValue();
    long gid = security.getRunAsGroup().getValue();
    return new Owner(uid > 0 ? uid : null, gid > 0 ? gid : null, null);
  }

  private void add(DeviceMapping mapping, String whose) {
    if (!addNode(
        real(mapping.host(), whose), mapping.inside(), mapping.permissions(), Owner.NODE)) {
      throw new ServiceException.InvalidArgument(whose + ": not a device: " + mapping.host());
    }
  }

  private void addAnnotated(String annotation, DeviceSettings settings) {
    String name = PodAnnotation.DEVICES.names().getFirst();
    for (String entry : annotation.isEmpty() ? new String[0] : annotation.split(",", -1)) {
      DeviceMapping mapping;
      try {
        mapping = DeviceMapping.parse(entry);
      } catch (IllegalArgumentException e) {
        throw new ServiceException.InvalidArgument(
            "annotations: " + name + ": " + e.getMessage(), e);
      }
      if (!settings.allowed().contains(mapping.host())) {
        throw new ServiceException.InvalidArgument(
            "annotations: " + name + ": " + mapping.host() + " is none of allowed_devices");
      }
      add(mapping, "annotations: " + name);
    }
  }

  /** As the CDI's own library does, they belong to the container's user where nothing is said. */
  private void add(DeviceNode node, ContainerIdentity user) {
    Long uid = node.uid() != null || user.uid() == 0 ? node.uid() : (Long) user.uid();
    Long gid = node.gid() != null || user.gid() == 0 ? node.gid() : (Long) user.gid();
    Owner owner = new Owner(uid, gid, node.fileMode());
    if (!addNode(real(node.host(), "CDI"), node.inside(), node.permissions(), owner)) {
      throw new ServiceException.FailedPrecondition("CDI: not a device: " + node.host());
    }
  }

  private void add(Device device, Owner owner) {
    String permissions = device.getPermissions();
    if (!DeviceMapping.isPermissions(permissions)) {
      throw new ServiceException.InvalidArgument(
          "devices.permissions: '" + permissions + "' is not made of r, w and m");
    }
    Path host = absolute(device.getHostPath(), "devices.host_path");
    Path inside = absolute(device.getContainerPath(), "devices.container_path");
    Path real = real(host, "devices.host_path");
    if (Files.isDirectory(real)) {
      copyFolder(real, inside, permissions, owner);
    } else if (!addNode(real, inside, permissions, owner)) {
      throw new ServiceException.InvalidArgument("devices.host_path: not a device: " + host);
    }
  }

  private static Path real(Path host, String whose) {
    try {
      return HostPaths.NODE.real(host, false);
    } catch (IOException e) {
      throw new ServiceException.InvalidArgument(whose + ": no device " + host, e);
    }
  }

  private void copyFolder(Path host, Path inside, String permissions, Owner owner) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(host)) {
      for (Path entry : entries) {
        Path name = entry.getFileName();
        if (NOT_COPIED.contains(name.toString())) {
          continue;
        }
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          copyFolder(entry, inside.resolve(name), permissions, owner);
        } else {
          addNode(entry, inside.resolve(name), permissions, owner);
        }
      }
    } catch (IOException e) {
      throw new ServiceException.Internal("list devices in " + host + ": " + e.getMessage(), e);
    }
  }

  /** False if the file is not a device. */
  private boolean addNode(Path host, Path inside, String permissions, Owner owner) {
    Map<String, Object> stat;
    try {
      stat = Files.readAttributes(host, "unix:mode,rdev,uid,gid", LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      // Devices come and go.
      return false;
    }
    int mode = number(stat, "mode").intValue();
    if ((mode & TYPE) != CHARACTER && (mode & TYPE) != BLOCK) {
      return false;
    }
    if (byPath.size() == COUNT_LIMIT) {
      throw new ServiceException.InvalidArgument("devices: more than " + COUNT_LIMIT);
    }
    long device = number(stat, "rdev").longValue();
    String type = (mode & TYPE) == BLOCK ? "b" : "c";
    ObjectNode node = Json.object();
    node.put("path", inside.toString());
    node.put("type", type);
    node.put("major", major(device));
    node.put("minor", minor(device));
    node.put("fileMode", owner.fileMode() != null ? owner.fileMode() : mode & 0777);
    node.put("uid", owner.uid() != null ? owner.uid() : number(stat, "uid").longValue());
    node.put("gid", owner.gid() != null ? owner.gid() : number(stat, "gid").longValue());
    byPath.put(inside.toString(), node);
    ObjectNode rule = Json.object();
    rule.put("allow", true);
    rule.put("type", type);
    rule.put("major", major(device));
    rule.put("minor", minor(device));
    rule.put("access", permissions);
    cgroupRules.add(rule);
    return true;
  }

  private static Number number(Map<String, Object> stat, String name) {
    if (stat.get(name) instanceof Number number) {
      return number;
    }
    throw new IllegalStateException("stat has no " + name);
  }

  // makedev(3) of glibc.
  private static long major(long device) {
    return ((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL);
  }

  private static long minor(long device) {
    return (device & 0xff) | ((device >>> 12) & ~0xffL & 0xffffffffL);
  }

  private static Path absolute(String path, String field) {
    if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
      throw new ServiceException.InvalidArgument(field + ": not an absolute path: '" + path + "'");
    }
    return Path.of(path).normalize();
  }
}
