package io.crij.runtime.oci.spec;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.Device;
import io.crij.runtime.ServiceException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/**
 * Device files and the rules of the device cgroup (runtime-spec, config-linux.md, "Devices"). The
 * OCI runtime adds /dev/null and its like by itself.
 *
 * @param nodes device files to make
 * @param cgroupRules in order; the first denies all
 */
record Devices(List<ObjectNode> nodes, List<ObjectNode> cgroupRules) {
  private static final Pattern PERMISSIONS = Pattern.compile("(?!.*(.).*\\1)[rwm]{1,3}");
  private static final int COUNT_LIMIT = 4096;
  private static final int TYPE = 0xf000;
  private static final int CHARACTER = 0x2000;
  private static final int BLOCK = 0x6000;

  // Pseudo-terminals and the like are the container's own, not the node's.
  private static final Set<String> NOT_COPIED =
      Set.of("pts", "shm", "fd", "mqueue", "console", ".lxc", ".lxd-mounts", ".udev");

  static Devices of(ContainerConfig config) {
    Devices devices = new Devices(new ArrayList<>(), new ArrayList<>());
    boolean privileged = config.getLinux().getSecurityContext().getPrivileged();
    ObjectNode all = Json.object();
    all.put("allow", privileged);
    all.put("access", "rwm");
    devices.cgroupRules.add(all);
    if (privileged) {
      devices.copyFolder(Path.of("/dev"), Path.of("/dev"), "rwm");
    }
    for (Device device : config.getDevicesList()) {
      devices.add(device);
    }
    return devices;
  }

  private void add(Device device) {
    String permissions = device.getPermissions();
    if (!PERMISSIONS.matcher(permissions).matches()) {
      throw new ServiceException.InvalidArgument(
          "devices.permissions: '" + permissions + "' is not made of r, w and m");
    }
    Path host = absolute(device.getHostPath(), "devices.host_path");
    Path inside = absolute(device.getContainerPath(), "devices.container_path");
    Path real;
    try {
      real = host.toRealPath();
    } catch (IOException e) {
      throw new ServiceException.InvalidArgument("devices.host_path: no device " + host, e);
    }
    if (Files.isDirectory(real)) {
      copyFolder(real, inside, permissions);
    } else if (!addNode(real, inside, permissions)) {
      throw new ServiceException.InvalidArgument("devices.host_path: not a device: " + host);
    }
  }

  private void copyFolder(Path host, Path inside, String permissions) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(host)) {
      for (Path entry : entries) {
        Path name = entry.getFileName();
        if (NOT_COPIED.contains(name.toString())) {
          continue;
        }
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          copyFolder(entry, inside.resolve(name), permissions);
        } else {
          addNode(entry, inside.resolve(name), permissions);
        }
      }
    } catch (IOException e) {
      throw new ServiceException.Internal("list devices in " + host + ": " + e.getMessage(), e);
    }
  }

  /** False if the file is not a device. */
  private boolean addNode(Path host, Path inside, String permissions) {
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
    if (nodes.size() == COUNT_LIMIT) {
      throw new ServiceException.InvalidArgument("devices: more than " + COUNT_LIMIT);
    }
    long device = number(stat, "rdev").longValue();
    String type = (mode & TYPE) == BLOCK ? "b" : "c";
    ObjectNode node = Json.object();
    node.put("path", inside.toString());
    node.put("type", type);
    node.put("major", major(device));
    node.put("minor", minor(device));
    node.put("fileMode", mode & 0777);
    node.put("uid", number(stat, "uid").longValue());
    node.put("gid", number(stat, "gid").longValue());
    nodes.add(node);
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
