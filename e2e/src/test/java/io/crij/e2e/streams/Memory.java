package io.crij.e2e.streams;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What processes have in memory. */
public final class Memory {
  private Memory() {}

  /** The most that was resident since its start, in MiB: what it took for a moment is in it. */
  public static long peakMebibytes(ProcessHandle process) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
        .findFirst()
        .orElseThrow();
  }
}
