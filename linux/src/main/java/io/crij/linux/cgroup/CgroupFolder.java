package io.crij.linux.cgroup;

import io.crij.linux.LinuxException;
import io.crij.linux.process.Pidfd;
import io.crij.linux.process.ProcessId;
import io.crij.linux.process.Signals;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** A cgroup in one hierarchy, with those below it. What is gone meanwhile is no failure. */
public record CgroupFolder(Path path) {
  /** Where all hierarchies are mounted, or the only one. */
  public static final Path ROOT = Path.of("/sys/fs/cgroup");

  private static final String PROCESSES = "cgroup.procs";
  private static final String FREEZER = "freezer.state";

  /** What stands before a process's path in version 2. */
  private static final String UNIFIED = "0::";

  private static final int ROUNDS = 32;
  private static final Duration PAUSE = Duration.ofMillis(10);

  /** Whether the node has cgroups of version 2 alone. */
  public static boolean isUnified() {
    return Files.exists(ROOT.resolve("cgroup.controllers"));
  }

  /** Where each hierarchy is mounted. */
  public static List<Path> hierarchies() {
    return isUnified() ? List.of(ROOT) : folders(ROOT);
  }

  static List<Path> folders(Path folder) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry) && !Files.isSymbolicLink(entry)) {
          found.add(entry);
        }
      }
    } catch (IOException _) {
      // It is gone, and with it what was in it.
    }
    return found;
  }

  /** Whether it is there. */
  public boolean exists() {
    return Files.isDirectory(path);
  }

  /** The one of this name below it, which need not be there. */
  public CgroupFolder child(String name) {
    return new CgroupFolder(path.resolve(name));
  }

  /**
   * Where below a group a process is, by version 2 (cgroups(7), {@code /proc/PID/cgroup}).
   *
   * @param group below the mount point; empty if unknown
   * @return relative to the group; empty when it is in the group itself, elsewhere, or gone, or the
   *     node has version 1
   */
  public static String below(String group, int pid) {
    try {
      return isUnified() ? below(group, Files.readString(Path.of("/proc/" + pid + "/cgroup"))) : "";
    } catch (IOException _) {
      return "";
    }
  }

  static String below(String group, String ofProcess) {
    String start = UNIFIED + group + "/";
    String path = ofProcess.strip();
    return !group.isEmpty() && path.startsWith(start) ? path.substring(start.length()) : "";
  }

  /** The processes in it and below. */
  public List<Integer> processes() {
    List<Integer> pids = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(path.resolve(PROCESSES), StandardCharsets.US_ASCII)) {
        pids.add(Integer.parseInt(line));
      }
    } catch (IOException _) {
      return pids;
    }
    for (Path child : hasNoneBelow() ? List.<Path>of() : folders(path)) {
      pids.addAll(new CgroupFolder(child).processes());
    }
    return pids;
  }

  /** A folder of this file system has a link for each folder in it, and two more. */
  private boolean hasNoneBelow() {
    try {
      return Files.getAttribute(path, "unix:nlink").equals(2);
    } catch (IOException | UnsupportedOperationException _) {
      return false;
    }
  }

  /** Moves a process into it; false if one of both is gone. */
  public boolean join(int pid) {
    return write(PROCESSES, Integer.toString(pid));
  }

  /**
   * Kills all that is in it, and what that starts meanwhile; waits until it is gone, though not for
   * long.
   */
  public void kill() {
    for (int i = 0; i < ROUNDS; i++) {
      if (!write("cgroup.kill", "1")) {
        killOneByOne();
      }
      if (processes().isEmpty()) {
        return;
      }
      pause();
    }
  }

  private void killOneByOne() {
    boolean frozen = freeze();
    try {
      kill(this::processes);
    } finally {
      if (frozen) {
        write(FREEZER, "THAWED");
      }
    }
  }

  /**
   * Kills the processes of a list. It is looked at again with a descriptor of each in hand: before,
   * a pid may have become another's.
   */
  public static void kill(Supplier<? extends Collection<Integer>> list) {
    Map<Integer, Pidfd> open = new HashMap<>();
    try {
      for (int pid : list.get()) {
        ProcessId id = ProcessId.find(pid);
        Pidfd pidfd = id == null ? null : Pidfd.open(id);
        if (pidfd != null) {
          open.put(pid, pidfd);
        }
      }
      for (int pid : list.get()) {
        Pidfd pidfd = open.get(pid);
        if (pidfd != null) {
          pidfd.signal(Signals.SIGKILL);
        }
      }
    } finally {
      open.values().forEach(Pidfd::close);
    }
  }

  /** So that nothing forks while it is killed; version 1. */
  private boolean freeze() {
    if (!write(FREEZER, "FROZEN")) {
      return false;
    }
    for (int i = 0; i < ROUNDS && !read(FREEZER).equals("FROZEN"); i++) {
      pause();
    }
    return true;
  }

  /** Removes it with those below it; false while something is in it. */
  public boolean remove() {
    for (Path child : folders(path)) {
      new CgroupFolder(child).remove();
    }
    try {
      Files.deleteIfExists(path);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /**
   * Removes it once what was killed in it is gone: that is in it still when it is listed no more.
   * Waits, though not for long.
   */
  public boolean removeSoon() {
    for (int i = 0; i < ROUNDS; i++) {
      if (remove()) {
        return true;
      }
      pause();
    }
    return false;
  }

  /** The content of a file, without space around it; empty when there is none. */
  public String read(String file) {
    try {
      return Files.readString(path.resolve(file), StandardCharsets.US_ASCII).trim();
    } catch (IOException _) {
      return "";
    }
  }

  private boolean write(String file, String text) {
    Path target = path.resolve(file);
    if (!Files.exists(target)) {
      return false;
    }
    try {
      Files.writeString(target, text);
      return true;
    } catch (IOException | LinuxException _) {
      return false;
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
