package io.crij.monitor.cgroup;

import io.crij.linux.cgroup.CgroupFolder;
import java.nio.file.Path;

/** A container's cgroup, in all hierarchies. */
public final class ContainerCgroup {
  private ContainerCgroup() {}

  /**
   * Kills all that is in it and removes it, for a container that was made in part only, or not at
   * all. May take a moment: for worker threads.
   *
   * @param containerPath below the mount points; nothing happens if it is empty
   */
  public static void clear(String containerPath) {
    String relative = containerPath.startsWith("/") ? containerPath.substring(1) : containerPath;
    if (relative.isEmpty()) {
      return;
    }
    for (Path hierarchy : CgroupFolder.hierarchies()) {
      CgroupFolder folder = new CgroupFolder(hierarchy.resolve(relative));
      if (folder.exists()) {
        folder.kill();
        folder.removeSoon();
      }
    }
  }
}
