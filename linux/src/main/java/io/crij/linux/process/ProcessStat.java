package io.crij.linux.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What {@code /proc/PID/stat} says of a process (proc_pid_stat(5)).
 *
 * @param state the letter of its state: R, S, D, Z, T …
 * @param startTimeTicks when it started, in clock ticks since boot
 * @param waitStatus how it ended, as of wait(2); only meaningful for a zombie
 */
public record ProcessStat(
    int pid, char state, int parent, int session, long startTimeTicks, int waitStatus) {
  // Indices in what follows the command's name, which may itself hold spaces and parentheses.
  private static final int STATE = 0;
  private static final int PARENT = 1;
  private static final int SESSION = 3;
  private static final int START_TIME = 19;
  private static final int EXIT_CODE = 49;

  /** Reads it; null when there is no such process. */
  public static @Nullable ProcessStat read(int pid) {
    Path file = Path.of("/proc", Integer.toString(pid), "stat");
    try {
      return parse(pid, new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException _) {
      return null;
    } catch (IOException e) {
      // ESRCH while reading: it went away after the file was opened.
      if (!Files.exists(file)) {
        return null;
      }
      throw new UncheckedIOException("read " + file + ": " + e.getMessage(), e);
    }
  }

  static ProcessStat parse(int pid, String line) {
    String[] fields = line.substring(line.lastIndexOf(')') + 2).trim().split(" ");
    return new ProcessStat(
        pid,
        fields[STATE].charAt(0),
        Integer.parseInt(fields[PARENT]),
        Integer.parseInt(fields[SESSION]),
        Long.parseUnsignedLong(fields[START_TIME]),
        Integer.parseInt(fields[EXIT_CODE]));
  }

  /** Ended, but not yet waited for by its parent. */
  public boolean isZombie() {
    return state == 'Z';
  }

  /** Neither ended nor being taken down. */
  public boolean isAlive() {
    return state != 'Z' && state != 'X' && state != 'x';
  }

  public ProcessId id() {
    return new ProcessId(pid, startTimeTicks);
  }
}
