package io.crij.server.config.node;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where distributions put OCI runtimes. */
public final class RuntimePrograms {
  /** Handlers that exist without being configured, in the order of preference. */
  public static final List<String> KNOWN = List.of("crun", "runc");

  private static final List<String> FOLDERS =
      List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

  private RuntimePrograms() {}

  /** Finds the program of a handler; null when it is not installed. */
  public static @Nullable Path find(String name) {
    for (String folder : FOLDERS) {
      Path program = Path.of(folder, name);
      if (Files.isExecutable(program) && Files.isRegularFile(program)) {
        return program;
      }
    }
    return null;
  }
}
