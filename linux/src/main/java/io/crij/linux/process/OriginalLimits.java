package io.crij.linux.process;

import io.crij.linux.Errno;
import io.crij.linux.LinuxException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts a program by a shell that first takes back what was changed for this process alone: its
 * limit of open files, and its protection from the OOM killer.
 *
 * <p>posix_spawn(3) cannot do that. To do it from here once the program runs comes too late: it may
 * have started others by then; and to lower our own limit meanwhile would fail the opens of other
 * threads.
 */
final class OriginalLimits {
  private static final String SHELL = "/bin/sh";
  private static final String PROTECTED = "-999";

  /** Builtins only: nothing else is started. */
  private static final String SCRIPT =
      "ulimit -S -n \"$0\"; [ -z \"$1\" ] || echo \"$1\" >/proc/self/oom_score_adj; "
          + "shift; exec \"$@\"";

  private static final Path OOM_SCORE = Path.of("/proc/self/oom_score_adj");

  /** As this process was started; nothing it starts is protected because it is. */
  private static volatile int originalScore = Math.max(0, oomScore());

  private OriginalLimits() {}

  /** Whether what is started would inherit what is meant for this process alone. */
  static boolean areChanged() {
    return OpenFileLimit.isRaised() || oomScore() != originalScore;
  }

  /**
   * Has the kernel, should the node run out of memory, kill this process last.
   *
   * @return false where it does not allow that: it needs CAP_SYS_RESOURCE
   */
  static boolean protectFromOomKiller() {
    try {
      Files.writeString(OOM_SCORE, PROTECTED);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  static int originalScore() {
    return originalScore;
  }

  static void originalScoreWas(int score) {
    originalScore = Math.max(0, score);
  }

  private static int oomScore() {
    try {
      return Integer.parseInt(Files.readString(OOM_SCORE).trim());
    } catch (IOException e) {
      throw new UncheckedIOException("read " + OOM_SCORE + ": " + e.getMessage(), e);
    }
  }

  /**
   * The same program under the original limits.
   *
   * @throws LinuxException when it cannot be executed
   */
  static Command of(Command command) {
    Path program = Path.of(command.program());
    if (!Files.isExecutable(program) || Files.isDirectory(program)) {
      int reason = Files.exists(program) ? Errno.EACCES : Errno.ENOENT;
      throw new LinuxException("start", command.program(), reason);
    }
    List<String> arguments =
        new ArrayList<>(
            List.of(
                SHELL,
                "-c",
                SCRIPT,
                Long.toString(OpenFileLimit.original()),
                oomScore() == originalScore ? "" : Integer.toString(originalScore)));
    arguments.addAll(command.arguments());
    return new Command(arguments, command.environment(), command.directory(), command.newSession());
  }
}
