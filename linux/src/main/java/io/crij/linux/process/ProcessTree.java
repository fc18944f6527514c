package io.crij.linux.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A process with all its descendants, and what else is in its session. */
public final class ProcessTree {
  private static final int MAX_ROUNDS = 16;

  private ProcessTree() {}

  /**
   * Kills all of it. The processes are stopped first, round by round until no new one is found, so
   * that none forks while the others die; then they get SIGKILL.
   *
   * <p>A descendant that has left both the tree (its parent ended) and the session is not found: a
   * cgroup is needed to hold such ones.
   */
  public static void kill(ProcessId root) {
    Set<ProcessId> found = new HashSet<>();
    boolean grew = true;
    for (int round = 0; grew && round < MAX_ROUNDS; round++) {
      grew = false;
      for (ProcessStat member : members(root, found)) {
        if (found.add(member.id())) {
          grew = true;
          signal(member.id(), Signals.SIGSTOP);
        }
      }
    }
    for (ProcessId member : found) {
      signal(member, Signals.SIGKILL);
    }
  }

  /** All of it at this moment, the root first; zombies are left out. */
  public static List<ProcessId> find(ProcessId root) {
    return members(root, Set.of()).stream().map(ProcessStat::id).toList();
  }

  /** The processes that were started with this option and value, as two arguments. */
  public static List<ProcessId> withOption(String option, String value) {
    byte[] wanted = ("\0" + option + "\0" + value + "\0").getBytes(StandardCharsets.UTF_8);
    String text = new String(wanted, StandardCharsets.ISO_8859_1);
    List<ProcessId> found = new ArrayList<>();
    for (ProcessStat process : all()) {
      if (arguments(process.pid()).contains(text)) {
        found.add(process.id());
      }
    }
    return found;
  }

  private static String arguments(int pid) {
    try {
      byte[] bytes = Files.readAllBytes(Path.of("/proc", Integer.toString(pid), "cmdline"));
      return new String(bytes, StandardCharsets.ISO_8859_1);
    } catch (IOException _) {
      // It has ended.
      return "";
    }
  }

  private static void signal(ProcessId id, int signal) {
    Pidfd pidfd = Pidfd.open(id);
    if (pidfd != null) {
      try (pidfd) {
        pidfd.signal(signal);
      }
    }
  }

  private static List<ProcessStat> members(ProcessId root, Set<ProcessId> known) {
    List<ProcessStat> all = all();
    Set<Integer> pids = new HashSet<>();
    List<ProcessStat> members = new ArrayList<>();
    // The number of a session is not given away while it has members; a new process with the
    // root's pid means that the session is gone, and any of that number is another's.
    boolean pidIsTaken = false;
    for (ProcessStat process : all) {
      pidIsTaken |= process.pid() == root.pid() && !process.id().equals(root);
      if (process.id().equals(root) || known.contains(process.id())) {
        pids.add(process.pid());
        members.add(process);
      }
    }
    boolean grew = true;
    while (grew) {
      grew = false;
      for (ProcessStat process : all) {
        boolean inSession = !pidIsTaken && process.session() == root.pid();
        boolean belongs = inSession || pids.contains(process.parent());
        if (belongs && process.isAlive() && pids.add(process.pid())) {
          members.add(process);
          grew = true;
        }
      }
    }
    return members;
  }

  private static List<ProcessStat> all() {
    List<ProcessStat> all = new ArrayList<>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(Path.of("/proc"), ProcessTree::isProcess)) {
      for (Path entry : entries) {
        ProcessStat stat = ProcessStat.read(Integer.parseInt(name(entry)));
        if (stat != null) {
          all.add(stat);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new UncheckedIOException("list /proc: " + e.getMessage(), new IOException(e));
    }
    return all;
  }

  private static boolean isProcess(Path entry) {
    return name(entry).chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static String name(Path entry) {
    return String.valueOf(entry.getFileName());
  }
}
