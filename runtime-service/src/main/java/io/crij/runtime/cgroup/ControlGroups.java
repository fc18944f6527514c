package io.crij.runtime.cgroup;

import io.crij.linux.cgroup.CgroupFolder;
import io.crij.linux.process.ProcessId;
import io.crij.runtime.ServiceException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hierarchies mounted below {@code /sys/fs/cgroup}. A group is named by its path below their
 * roots and is the same path in each.
 */
public final class ControlGroups {
  private static final Logger log = LoggerFactory.getLogger(ControlGroups.class);

  private static final String PROCESSES = "cgroup.procs";
  private static final Duration PAUSE = Duration.ofMillis(20);

  /** Version 1's groups take processes only once these have values. */
  private static final List<String> CPUSET = List.of("cpuset.cpus", "cpuset.mems");

  private final List<Path> hierarchies;

  private ControlGroups(List<Path> hierarchies) {
    this.hierarchies = hierarchies;
  }

  /** Those of this node. */
  public static ControlGroups ofNode() {
    if (CgroupFolder.isUnified()) {
      return new ControlGroups(List.of(CgroupFolder.ROOT));
    }
    List<Path> hierarchies = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(CgroupFolder.ROOT)) {
      for (Path folder : folders) {
        // Aliases of combined hierarchies (cpu -> cpu,cpuacct) are links.
        if (!Files.isSymbolicLink(folder) && Files.exists(folder.resolve(PROCESSES))) {
          hierarchies.add(folder);
        }
      }
    } catch (IOException e) {
      throw new ServiceException.Internal("list " + CgroupFolder.ROOT + ": " + e.getMessage(), e);
    }
    return new ControlGroups(hierarchies);
  }

  /** Makes the group where it is missing, and moves a process into it. */
  public void add(String group, int pid) {
    for (Path hierarchy : hierarchies) {
      Path folder = folder(hierarchy, group);
      try {
        Files.createDirectories(folder);
        inheritCpuset(hierarchy, folder);
        Files.writeString(folder.resolve(PROCESSES), Integer.toString(pid));
      } catch (IOException e) {
        throw new ServiceException.Internal(
            "move process " + pid + " to " + folder + ": " + e.getMessage(), e);
      }
    }
  }

  private static void inheritCpuset(Path hierarchy, Path folder) throws IOException {
    if (!Files.exists(hierarchy.resolve(CPUSET.getFirst()))
        || !Files.exists(folder.resolve(CPUSET.getFirst()))) {
      return;
    }
    Path current = hierarchy;
    for (Path name : hierarchy.relativize(folder)) {
      Path child = current.resolve(name);
      for (String file : CPUSET) {
        if (Files.readString(child.resolve(file)).isBlank()) {
          Files.writeString(child.resolve(file), Files.readString(current.resolve(file)));
        }
      }
      current = child;
    }
  }

  /**
   * A setting or figure of the group.
   *
   * @param file of the controller, for example {@code memory.max}
   * @return null where no hierarchy has it
   */
  public @Nullable String read(String group, String file) {
    for (Path hierarchy : hierarchies) {
      Path setting = setting(hierarchy, group, file);
      try {
        return Files.readString(setting).strip();
      } catch (NoSuchFileException _) {
        // Of another hierarchy.
      } catch (IOException e) {
        throw new ServiceException.Internal("read " + setting + ": " + e.getMessage(), e);
      }
    }
    return null;
  }

  /**
   * Changes a setting of the group, where a hierarchy has it.
   *
   * @param file of the controller, for example {@code memory.max}
   */
  public void write(String group, String file, String value) {
    for (Path hierarchy : hierarchies) {
      Path setting = setting(hierarchy, group, file);
      if (Files.exists(setting)) {
        try {
          Files.writeString(setting, value, StandardOpenOption.WRITE);
        } catch (IOException e) {
          throw new ServiceException.Internal(
              "write " + value + " to " + setting + ": " + e.getMessage(), e);
        }
      }
    }
  }

  /** The pids of the group and the groups below it. */
  public Set<Integer> processes(String group) {
    Set<Integer> pids = new TreeSet<>();
    for (Path hierarchy : hierarchies) {
      pids.addAll(new CgroupFolder(folder(hierarchy, group)).processes());
    }
    return pids;
  }

  /**
   * Kills every process of the group.
   *
   * @return whether none is left within {@code timeout}
   */
  public boolean kill(String group, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      Set<Integer> pids = processes(group);
      pids.removeIf(ControlGroups::isGone);
      if (pids.isEmpty()) {
        return true;
      }
      if (System.nanoTime() > deadline) {
        return false;
      }
      CgroupFolder.kill(() -> processes(group));
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }

  private static boolean isGone(int pid) {
    ProcessId id = ProcessId.find(pid);
    return id == null || !id.isAlive();
  }

  /**
   * Does {@link #remove} with each of them, and logs which stay.
   *
   * @param timeout for each
   */
  public void removeAll(List<String> groups, Duration timeout) {
    for (String group : groups) {
      if (!remove(group, timeout)) {
        log.warn("cgroup {} is still in use and stays", group);
      }
    }
  }

  /**
   * Removes the group and the empty groups below it; gone already is success.
   *
   * @return false when it is still in use after {@code timeout}: processes that end leave it late
   */
  public boolean remove(String group, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!remove(group)) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  private boolean remove(String group) {
    boolean removed = true;
    for (Path hierarchy : hierarchies) {
      removed &= new CgroupFolder(folder(hierarchy, group)).remove();
    }
    return removed;
  }

  private static Path setting(Path hierarchy, String group, String file) {
    return folder(hierarchy, group).resolve(file);
  }

  private static Path folder(Path hierarchy, String group) {
    Path folder = hierarchy.resolve(group.substring(group.startsWith("/") ? 1 : 0)).normalize();
    if (!folder.startsWith(hierarchy) || folder.equals(hierarchy)) {
      throw new IllegalArgumentException("not a cgroup below the root: " + group);
    }
    return folder;
  }
}
