package io.crij.runtime.cgroup;

import io.crij.linux.process.Pidfd;
import io.crij.linux.process.ProcessId;
import io.crij.linux.process.Signals;
import io.crij.runtime.ServiceException;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
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
  private static final Path MOUNT = Path.of("/sys/fs/cgroup");
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
    if (Files.exists(MOUNT.resolve("cgroup.controllers"))) {
      return new ControlGroups(List.of(MOUNT));
    }
    List<Path> hierarchies = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(MOUNT)) {
      for (Path folder : folders) {
        // Aliases of combined hierarchies (cpu -> cpu,cpuacct) are links.
        if (!Files.isSymbolicLink(folder) && Files.exists(folder.resolve(PROCESSES))) {
          hierarchies.add(folder);
        }
      }
    } catch (IOException e) {
      throw new ServiceException.Internal("list " + MOUNT + ": " + e.getMessage(), e);
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
      Path setting = folder(hierarchy, group).resolve(file);
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
      Path setting = folder(hierarchy, group).resolve(file);
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
      addProcesses(folder(hierarchy, group), pids);
    }
    return pids;
  }

  private static void addProcesses(Path folder, Set<Integer> pids) {
    try {
      for (String line : Files.readAllLines(folder.resolve(PROCESSES))) {
        pids.add(Integer.parseInt(line));
      }
      try (DirectoryStream<Path> children =
          Files.newDirectoryStream(folder, path -> Files.isDirectory(path))) {
        children.forEach(child -> addProcesses(child, pids));
      }
    } catch (IOException _) {
      // The group, or one below it, is gone.
    }
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
      pids.forEach(pid -> kill(group, pid));
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }

  private void kill(String group, int pid) {
    ProcessId id = ProcessId.find(pid);
    if (id == null) {
      return;
    }
    try (Pidfd pidfd = Pidfd.open(id)) {
      // Looked at again with the descriptor in hand: the pid may have been another's before.
      if (pidfd != null && processes(group).contains(pid)) {
        pidfd.signal(Signals.SIGKILL);
      }
    }
  }

  private static boolean isGone(int pid) {
    ProcessId id = ProcessId.find(pid);
    return id == null || !id.isAlive();
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
      removed &= remove(folder(hierarchy, group));
    }
    return removed;
  }

  private static boolean remove(Path folder) {
    try {
      try (DirectoryStream<Path> children =
          Files.newDirectoryStream(folder, path -> Files.isDirectory(path))) {
        children.forEach(ControlGroups::remove);
      }
      Files.delete(folder);
      return true;
    } catch (NoSuchFileException _) {
      return true;
    } catch (DirectoryNotEmptyException _) {
      return false;
    } catch (IOException e) {
      // EBUSY: processes, or zombies of them, are in it.
      log.debug("remove cgroup {}: {}", folder, e.getMessage());
      return false;
    }
  }

  private static Path folder(Path hierarchy, String group) {
    Path folder = hierarchy.resolve(group.substring(group.startsWith("/") ? 1 : 0)).normalize();
    if (!folder.startsWith(hierarchy) || folder.equals(hierarchy)) {
      throw new IllegalArgumentException("not a cgroup below the root: " + group);
    }
    return folder;
  }
}
