package io.crij.linux.memory;

import io.crij.linux.LinuxException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Pages of the JVM's AOT cache and library that were read while the program started, and hardly any
 * of which is needed again. They are let go of: the kernel maps those still needed once more, from
 * its page cache.
 */
public final class StartupPages {
  private static final int MADV_DONTNEED = 4;
  private static final Path SMAPS = Path.of("/proc/self/smaps");

  private StartupPages() {}

  /**
   * Lets them go.
   *
   * <p>Only of files that stay mapped as long as the JVM lives, and only where no page differs from
   * the file's: others would lose what they hold. A cache that the JVM had to relocate is therefore
   * left as it is ({@code -XX:ArchiveRelocationMode=0} keeps it from that).
   *
   * @return how much of these files was in memory, in bytes
   * @throws UncheckedIOException when the mappings cannot be read
   * @throws LinuxException see madvise(2)
   */
  public static long release() {
    long bytes = 0;
    for (Mapping mapping : mappings()) {
      if (mapping.isReleasable()) {
        bytes += mapping.residentBytes();
        if (MemoryLibrary.madvise(mapping.start(), mapping.lengthBytes(), MADV_DONTNEED) != 0) {
          throw LinuxException.last("madvise", mapping.path());
        }
      }
    }
    return bytes;
  }

  private static List<Mapping> mappings() {
    // The kernel writes paths as they are, which need not be UTF-8.
    try (BufferedReader smaps = Files.newBufferedReader(SMAPS, StandardCharsets.ISO_8859_1)) {
      return Mapping.read(smaps);
    } catch (IOException e) {
      throw new UncheckedIOException("read " + SMAPS, e);
    }
  }
}
