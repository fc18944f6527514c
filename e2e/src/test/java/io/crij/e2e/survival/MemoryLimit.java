package io.crij.e2e.survival;

import io.crij.e2e.program.Eventually;
import io.crij.linux.testing.PrivateRoot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A memory cgroup with next to no room, put under a process from outside: what it has already stays
 * where it was charged, and what it asks for next kills it.
 */
final class MemoryLimit implements AutoCloseable {
  private static final Path V1 = Path.of("/sys/fs/cgroup/memory");
  private static final Path V2 = Path.of("/sys/fs/cgroup");
  private static final String BYTES = "65536";
  private static final Duration EMPTY_WITHIN = Duration.ofMinutes(1);

  private final Path folder;

  private MemoryLimit(Path folder) {
    this.folder = folder;
  }

  static MemoryLimit create(PrivateRoot home) throws IOException {
    boolean isV1 = Files.isDirectory(V1);
    Path folder = (isV1 ? V1 : V2).resolve(home.cgroup().substring(1) + "/no-memory");
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(isV1 ? "memory.limit_in_bytes" : "memory.max"), BYTES);
    return new MemoryLimit(folder);
  }

  void add(long pid) throws IOException {
    Files.writeString(folder.resolve("cgroup.procs"), Long.toString(pid));
  }

  /** Removes it. */
  @Override
  public void close() {
    Eventually.holds(EMPTY_WITHIN, this::isRemoved, () -> folder + " is still in use");
  }

  private boolean isRemoved() {
    try {
      Files.deleteIfExists(folder);
      return true;
    } catch (IOException e) {
      try {
        // What a victim had started when it died: it has no business of its own.
        for (String pid : Files.readAllLines(folder.resolve("cgroup.procs"))) {
          ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
        }
        return false;
      } catch (IOException gone) {
        throw new UncheckedIOException(gone);
      }
    }
  }
}
