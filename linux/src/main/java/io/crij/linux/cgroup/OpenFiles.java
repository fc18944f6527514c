package io.crij.linux.cgroup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/**
 * What the processes of a cgroup have open.
 *
 * @param sockets those of the descriptors that are sockets
 */
public record OpenFiles(long descriptors, long sockets) {
  private static final String LIMIT = "Max open files";

  /** Of all of them together; one that ends meanwhile has none. */
  public static OpenFiles of(Collection<Integer> pids) {
    long descriptors = 0;
    long sockets = 0;
    for (int pid : pids) {
      try (DirectoryStream<Path> links = Files.newDirectoryStream(proc(pid, "fd"))) {
        for (Path link : links) {
          descriptors++;
          sockets += isSocket(link) ? 1 : 0;
        }
      } catch (IOException | DirectoryIteratorException _) {
        // It has ended.
      }
    }
    return new OpenFiles(descriptors, sockets);
  }

  private static boolean isSocket(Path link) {
    try {
      return Files.readSymbolicLink(link).toString().startsWith("socket:");
    } catch (IOException _) {
      return false; // closed meanwhile
    }
  }

  /** How many a process may have open before it must ask for more; 0 if it has ended. */
  public static long softLimit(int pid) {
    try {
      for (String line : Files.readAllLines(proc(pid, "limits"), StandardCharsets.US_ASCII)) {
        if (line.startsWith(LIMIT)) {
          return Long.parseLong(line.substring(LIMIT.length()).strip().split(" +")[0]);
        }
      }
    } catch (IOException _) {
      // It has ended.
    }
    return 0;
  }

  private static Path proc(int pid, String name) {
    return Path.of("/proc", Integer.toString(pid), name);
  }
}
