package io.crij.e2e.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Programs and libraries of unpacked Debian packages.
 *
 * @param folder what {@code build/deb-files.sh} prints
 */
record DebianFiles(Path folder) {
  Path file(String name) {
    return folder.resolve(name);
  }

  /** Adds the dynamic linker and the named libraries where it looks for them. */
  void addLibraries(Tar tar, List<String> names) throws IOException {
    tar.folders("lib");
    Path linker = find("ld-linux-*.so.*");
    // The path that programs name: the architecture's own.
    String linkerFolder = Files.exists(folder.resolve("lib64")) ? "lib64" : "lib";
    tar.folders(linkerFolder).copy(linkerFolder + "/" + linker.getFileName(), linker, 0755);
    String libraries = "lib/" + multiarch();
    tar.folders(libraries);
    for (String name : names) {
      tar.copy(libraries + "/" + name, find(name), 0644);
    }
  }

  private String multiarch() {
    return System.getProperty("os.arch").equals("aarch64")
        ? "aarch64-linux-gnu"
        : "x86_64-linux-gnu";
  }

  private Path find(String glob) throws IOException {
    var matcher = folder.getFileSystem().getPathMatcher("glob:" + glob);
    for (String place : List.of("lib/" + multiarch(), "usr/lib/" + multiarch())) {
      try (Stream<Path> files = Files.list(folder.resolve(place))) {
        var found = files.filter(path -> matcher.matches(path.getFileName())).findFirst();
        if (found.isPresent()) {
          return found.get().toRealPath();
        }
      }
    }
    throw new IOException("no " + glob + " in " + folder);
  }
}
