package io.crij.monitor.cgroup;

import io.crij.linux.cgroup.CgroupFolder;
import io.crij.monitor.v1.ContainerRecord;
import java.nio.file.Path;

/** A container's cgroup, in all hierarchies. */
public final class ContainerCgroup {
  private ContainerCgroup() {}

  /**
   * Where the container's first process is, below the mount points; empty if that is not known.
   *
   * @param container as it was created
   */
  public static String ofProcess(ContainerRecord container) {
    String all = container.getConfig().getCgroupPath();
    String below = container.getCgroupBelow();
    return below.isEmpty() ? all : all + "/" + below;
  }

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
