package io.crij.linux.cgroup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * What the processes of a cgroup have open.
 *
 * @param sockets those of the descriptors that are sockets; empty where there are too many
 *     descriptors to look at each
 */
public record OpenFiles(long descriptors, OptionalLong sockets) {
  private static final String LIMIT = "Max open files";

  /** A tenth of a second's work; a process may have a million descriptors. */
  private static final int MOST_LINKS = 1 << 14;

  /** Of all of them together; one that ends meanwhile has none. */
  public static OpenFiles of(Collection<Integer> pids) {
    return of(pids, MOST_LINKS);
  }

  /**
   * The same.
   *
   * @param mostLinks how many descriptors are looked at
   */
  static OpenFiles of(Collection<Integer> pids, long mostLinks) {
    long descriptors = pids.stream().mapToLong(OpenFiles::count).sum();
    return new OpenFiles(
        descriptors,
        descriptors > mostLinks
            ? OptionalLong.empty()
            : OptionalLong.of(pids.stream().mapToLong(OpenFiles::sockets).sum()));
  }

  /** Since Linux 6.2 the folder's size is their number; before, it is 0, and they are listed. */
  private static long count(int pid) {
    Path folder = proc(pid, "fd");
    try {
      long size = Files.size(folder);
      return size > 0 ? size : count(folder, _ -> true);
    } catch (IOException _) {
      return 0; // it has ended
    }
  }

  private static long sockets(int pid) {
    try {
      return count(proc(pid, "fd"), OpenFiles::isSocket);
    } catch (IOException _) {
      return 0; // it has ended
    }
  }

  private static long count(Path folder, Predicate<Path> which) throws IOException {
    long count = 0;
    try (DirectoryStream<Path> links = Files.newDirectoryStream(folder)) {
      for (Path link : links) {
        count += which.test(link) ? 1 : 0;
      }
    } catch (DirectoryIteratorException _) {
      // It has ended meanwhile.
    }
    return count;
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
