package io.crij.linux.namespace;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds threads of this process that are not in its namespaces. */
public final class StrayThreads {
  private static final List<String> NAMESPACES = List.of("net", "ipc", "uts", "mnt", "pid", "user");

  private StrayThreads() {}

  /** One line for each such thread; empty when all is well. */
  public static List<String> find() throws IOException {
    List<String> stray = new ArrayList<>();
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path task : tasks) {
        try {
          for (String name : NAMESPACES) {
            Path own = Files.readSymbolicLink(Path.of("/proc/self/ns", name));
            Path its = Files.readSymbolicLink(task.resolve("ns").resolve(name));
            if (!own.equals(its)) {
              stray.add(task + " " + Files.readString(task.resolve("comm")).strip() + " " + its);
            }
          }
        } catch (NoSuchFileException _) {
          // It has ended meanwhile.
        }
      }
    }
    return stray;
  }
}
