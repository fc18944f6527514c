package io.crij.runtime.meters;

import io.crij.linux.process.ProcessStat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The zombies of the node: those that a reaper has lost show a fault of ours, or of a container.
 */
final class DefunctProcesses {
  private static final Path PROC = Path.of("/proc");

  private DefunctProcesses() {}

  /** How many there are now, in this process's namespace and those below. */
  static int count() {
    int defunct = 0;
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[1-9]*")) {
      for (Path process : processes) {
        if (isDefunct(process)) {
          defunct++;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new IllegalStateException("list " + PROC + ": " + e.getMessage(), e);
    }
    return defunct;
  }

  private static boolean isDefunct(Path process) {
    try {
      ProcessStat stat = ProcessStat.read(Integer.parseInt(process.getFileName().toString()));
      return stat != null && stat.isZombie();
    } catch (UncheckedIOException _) {
      return false; // it ended while it was looked at
    }
  }
}
