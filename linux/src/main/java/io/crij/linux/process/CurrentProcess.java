package io.crij.linux.process;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.crij.linux.Errno;
import io.crij.linux.LinuxException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** This process, and its children. */
public final class CurrentProcess {
  private static final int PR_SET_CHILD_SUBREAPER = 36;
  private static final long SIG_ERR = -1;
  private static final int P_ALL = 0;
  private static final int P_PID = 1;
  private static final int WNOHANG = 1;
  private static final int WEXITED = 4;
  private static final int WNOWAIT = 0x01000000;
  private static final int SIGINFO_BYTES = 128;
  private static final int SI_PID = 16;

  private CurrentProcess() {}

  public static int pid() {
    return ProcessLibrary.getpid();
  }

  /** With the start time. */
  public static ProcessId id() {
    ProcessId id = ProcessId.find(pid());
    if (id == null) {
      throw new LinuxException("find", "our own process", Errno.ESRCH);
    }
    return id;
  }

  /** Makes this process the parent of descendants whose own parent ends: prctl(2). */
  public static void becomeSubreaper() {
    if (ProcessLibrary.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
      throw LinuxException.last("prctl", "PR_SET_CHILD_SUBREAPER");
    }
  }

  /**
   * Has the kernel, should the node run out of memory, kill this process last; not what it starts.
   *
   * @return false where it does not allow that: it needs CAP_SYS_RESOURCE
   */
  public static boolean protectFromOomKiller() {
    return OriginalLimits.protectFromOomKiller();
  }

  /** The OOM score that this process was started with, and what it starts gets; not negative. */
  public static int originalOomScore() {
    return OriginalLimits.originalScore();
  }

  /**
   * Says what the score was when this process was started, to a program that is not the first it
   * runs (execve(2)) and so finds it protected. Before anything is started.
   */
  public static void originalOomScoreWas(int score) {
    OriginalLimits.originalScoreWas(score);
  }

  /** setsid(2); false if this process leads its process group already. */
  public static boolean newSession() {
    return ProcessLibrary.setsid() >= 0;
  }

  /**
   * Ends that a signal is ignored because who started this process ignored it, as nohup(1) does
   * with SIGHUP: signal(2). A JVM does not handle one that is.
   */
  public static void heed(int signal) {
    Pointer before = ProcessLibrary.signal(signal, null);
    if (Pointer.nativeValue(before) == SIG_ERR) {
      throw LinuxException.last("signal", Integer.toString(signal));
    }
  }

  /** Whether any child waits to be reaped; reaps nothing. */
  public static boolean hasZombie() {
    try (Memory info = new Memory(SIGINFO_BYTES)) {
      info.clear();
      int result = ProcessLibrary.waitid(P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT);
      return result == 0 && info.getInt(SI_PID) != 0;
    }
  }

  /** Reaps this one child if it is a zombie; to be used only where nobody else waits for it. */
  public static void reap(int pid) {
    try (Memory info = new Memory(SIGINFO_BYTES)) {
      ProcessLibrary.waitid(P_PID, pid, info, WEXITED | WNOHANG);
    }
  }

  /** The pids of all children, zombies too, whichever thread they belong to. */
  public static List<Integer> children() {
    List<Integer> children = new ArrayList<>();
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path thread : threads) {
        addChildren(thread.resolve("children"), children);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("list /proc/self/task: " + e.getMessage(), e);
    }
    return children;
  }

  private static void addChildren(Path file, List<Integer> children) throws IOException {
    String pids;
    try {
      pids = Files.readString(file, StandardCharsets.US_ASCII);
    } catch (NoSuchFileException _) {
      return;
    }
    for (String pid : pids.trim().split(" ")) {
      if (!pid.isEmpty()) {
        children.add(Integer.parseInt(pid));
      }
    }
  }
}
