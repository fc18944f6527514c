package io.crij.runtime.container;

import io.crij.linux.process.ProcessId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A stop signal that was perhaps sent too early. The kernel drops a signal to the first process of
 * a PID namespace that has no handler for it, pid_namespaces(7), and execve(2) takes handlers away:
 * a container asked to stop within milliseconds of its start, before its program has got that far,
 * would live to SIGKILL. Such a signal is sent once more when there is a handler.
 */
final class EarlySignal {
  private static final String CAUGHT = "SigCgt:";

  private final ProcessId process;
  private final int signal;
  private final boolean wasCaught;
  private final @Nullable Object program;
  private boolean sentAgain;

  /** To be made right before the signal is sent. */
  EarlySignal(ProcessId process, int signal) {
    this.process = process;
    this.signal = signal;
    // Looked at before: a handler that comes up between look and signal hears it twice, which is
    // rare, and better than never; looked at afterwards, the signal would be taken for heard.
    this.program = program();
    this.wasCaught = isCaught();
  }

  /** True once: when the signal was dropped and would be heard now. */
  boolean isDue() {
    if (sentAgain || (wasCaught && isSameProgram()) || !isCaught()) {
      return false;
    }
    sentAgain = true;
    return true;
  }

  // The init process of an OCI runtime written in Go catches every signal: what it has not yet
  // been given when it executes the container's program is dropped.
  private boolean isSameProgram() {
    Object now = program();
    return now == null || now.equals(program);
  }

  private @Nullable Object program() {
    try {
      return Files.readAttributes(proc("exe"), BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      // It has ended.
      return null;
    }
  }

  private boolean isCaught() {
    try {
      // A process names itself with any bytes, and a long name is cut within a character.
      for (String line : Files.readAllLines(proc("status"), StandardCharsets.ISO_8859_1)) {
        if (line.startsWith(CAUGHT)) {
          long mask = Long.parseUnsignedLong(line.substring(CAUGHT.length()).strip(), 16);
          return (mask >>> (signal - 1) & 1) != 0 && process.isAlive();
        }
      }
      return false;
    } catch (IOException e) {
      // It has ended.
      return false;
    }
  }

  private Path proc(String name) {
    return Path.of("/proc", Integer.toString(process.pid()), name);
  }
}
