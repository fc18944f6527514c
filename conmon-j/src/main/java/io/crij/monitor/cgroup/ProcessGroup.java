package io.crij.monitor.cgroup;

import io.crij.linux.cgroup.CgroupFolder;
import io.crij.linux.process.ProcessId;
import io.crij.linux.process.ProcessTree;
import java.io.IOException;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;

/**
 * A cgroup below a container's own, for what one call of exec has started: whatever becomes of
 * parents and sessions, nothing leaves it. It limits nothing: version 2, or of version 1 the
 * freezer alone. Calls may take a moment: for worker threads.
 */
public final class ProcessGroup {
  private static final int ROUNDS = 8;

  private final CgroupFolder container;
  private final CgroupFolder group;
  private final String name;

  private ProcessGroup(CgroupFolder container, String name) {
    this.container = container;
    this.group = container.child(name);
    this.name = name;
  }

  /**
   * Names one, whether it is there or not; null where the container's cgroup is not known or not
   * there.
   *
   * @param containerPath below the mount point of the hierarchy
   */
  public static @Nullable ProcessGroup find(String containerPath, String name) {
    if (containerPath.isEmpty()) {
      return null;
    }
    String relative = containerPath.startsWith("/") ? containerPath.substring(1) : containerPath;
    CgroupFolder container =
        new CgroupFolder(
            (CgroupFolder.isUnified() ? CgroupFolder.ROOT : CgroupFolder.ROOT.resolve("freezer"))
                .resolve(relative));
    return container.exists() ? new ProcessGroup(container, name) : null;
  }

  /** Makes it; false where the kernel refuses. */
  public boolean create() {
    try {
      Files.createDirectory(group.path());
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /** Relative to the container's cgroup. */
  public String name() {
    return name;
  }

  /** The name as runtimes want it that can have another cgroup in each hierarchy. */
  public String nameWithController() {
    return CgroupFolder.isUnified() ? name : "freezer:" + name;
  }

  /** Whether runtimes must be told the controller. */
  public static boolean needsController() {
    return !CgroupFolder.isUnified();
  }

  /**
   * Moves a process into it with all that is found of its tree, where the runtime could not start
   * it there. What it has started before, and that has left both parents and session, is missed.
   */
  public void join(ProcessId root) {
    boolean grew = true;
    for (int round = 0; grew && round < ROUNDS; round++) {
      grew = false;
      var inside = group.processes();
      for (ProcessId member : ProcessTree.find(root)) {
        grew |= !inside.contains(member.pid()) && group.join(member.pid());
      }
    }
  }

  /** Whether no process is in it. */
  public boolean isEmpty() {
    return group.processes().isEmpty();
  }

  /** Kills all that is in it, and removes it. */
  public void kill() {
    group.kill();
    remove();
  }

  /** Removes it, and leaves what is still in it to the container. */
  public void release() {
    for (int round = 0; round < ROUNDS && !group.remove(); round++) {
      for (int pid : group.processes()) {
        container.join(pid);
      }
    }
  }

  private void remove() {
    if (!group.remove()) {
      release();
    }
  }
}
