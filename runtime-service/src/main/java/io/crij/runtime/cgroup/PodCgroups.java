package io.crij.runtime.cgroup;

import io.crij.runtime.RuntimeServiceConfig.CgroupManager;
import io.crij.runtime.ServiceException.InvalidArgument;
import io.crij.runtime.names.RequestText;
import java.util.regex.Pattern;

/**
 * Where the cgroups of pods and containers are, below the root of each hierarchy, and how OCI
 * runtimes are told of them.
 *
 * <p>With systemd a pod has a slice, whose name says what it is in: {@code a-b.slice} is {@code
 * /a.slice/a-b.slice} (systemd.slice(5)). A container has a scope in it, which the OCI runtime asks
 * systemd for; it is told of the two as {@code a-b.slice:crij:ID}.
 */
public final class PodCgroups {
  private static final String SLICE = ".slice";
  private static final String SCOPE = ".scope";
  private static final String PREFIX = "crij";
  private static final int MAX_UNIT_NAME = 255;
  private static final Pattern PARTS =
      Pattern.compile("[A-Za-z0-9:_.\\\\@]+(-[A-Za-z0-9:_.\\\\@]+)*");

  private PodCgroups() {}

  /**
   * The cgroup that a pod's containers are in.
   *
   * @param requested by the kubelet; empty: none
   * @param base of pods for which none is requested, e.g. {@code /crij}
   * @throws InvalidArgument when it is not one of this manager's
   */
  public static String parent(CgroupManager manager, String requested, String base) {
    return switch (manager) {
      case CGROUPFS -> requested.isEmpty() ? base : path(requested);
      case SYSTEMD -> slice(requested.isEmpty() ? base + SLICE : requested);
    };
  }

  private static String path(String requested) {
    String path = RequestText.absolutePath("linux.cgroup_parent", requested).toString();
    if (path.endsWith(SLICE)) {
      throw new InvalidArgument(
          "linux.cgroup_parent: "
              + path
              + " is a slice of systemd, and crij.runtime.cgroup_manager is cgroupfs");
    }
    return path;
  }

  /**
   * @param requested the slice's name, or its path, which follows from its name
   */
  private static String slice(String requested) {
    String name = requested.substring(requested.lastIndexOf('/') + 1);
    String parts = name.endsWith(SLICE) ? name.substring(0, name.length() - SLICE.length()) : "";
    if (name.length() > MAX_UNIT_NAME || !PARTS.matcher(parts).matches()) {
      throw new InvalidArgument(
          "linux.cgroup_parent: \""
              + requested
              + "\" is no slice of systemd, and crij.runtime.cgroup_manager is systemd");
    }
    StringBuilder path = new StringBuilder();
    for (int dash = parts.indexOf('-'); dash >= 0; dash = parts.indexOf('-', dash + 1)) {
      path.append('/').append(parts, 0, dash).append(SLICE);
    }
    return path.append('/').append(name).toString();
  }

  /**
   * The cgroup of a container.
   *
   * @param parent of its pod, from {@link #parent}
   */
  public static String container(String parent, String id) {
    return parent.endsWith(SLICE) ? parent + "/" + PREFIX + "-" + id + SCOPE : parent + "/" + id;
  }

  /**
   * Whether systemd has made a container's cgroup, whatever the setting says now.
   *
   * @param cgroup from {@link #container}
   */
  public static boolean isOfSystemd(String cgroup) {
    return cgroup.substring(0, cgroup.lastIndexOf('/')).endsWith(SLICE);
  }

  /**
   * What stands in {@code linux.cgroupsPath} of a specification.
   *
   * @param cgroup from {@link #container}
   */
  public static String forRuntime(String cgroup) {
    if (!isOfSystemd(cgroup)) {
      return cgroup;
    }
    int scope = cgroup.lastIndexOf('/');
    String parent = cgroup.substring(0, scope);
    String id = cgroup.substring(scope + PREFIX.length() + 2, cgroup.length() - SCOPE.length());
    return parent.substring(parent.lastIndexOf('/') + 1) + ":" + PREFIX + ":" + id;
  }
}
