package io.crij.runtime.container.records;

import io.crij.linux.LinuxException;
import io.crij.linux.tree.Directory;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Tree;
import io.crij.runtime.ServiceException;
import io.crij.runtime.names.RequestText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The container's log: a file below the pod's log directory (CRI, log_directory, log_path). */
public final class LogPath {
  private LogPath() {}

  /**
   * Where the log is, with the folders above it made. They are made by names below the log
   * directory: a link in it does not lead out.
   *
   * @return empty when the request wants no log
   * @throws ServiceException.InvalidArgument when the path leaves the log directory
   */
  public static String prepare(String logDirectory, String logPath) {
    if (logDirectory.isEmpty() || logPath.isEmpty()) {
      return "";
    }
    Path relative = relative(logPath);
    Path directory = RequestText.absolutePath("log_directory", logDirectory);
    Path folder = relative.getParent();
    try {
      Path real = directory.toRealPath();
      if (folder != null) {
        makeFolders(real, folder);
      }
      return real.resolve(relative).toString();
    } catch (IOException | LinuxException e) {
      throw new ServiceException.InvalidArgument(
          "log_path: " + directory.resolve(relative) + ": " + e.getMessage(), e);
    }
  }

  private static void makeFolders(Path directory, Path folder) throws IOException {
    try (Tree tree = Tree.open(directory)) {
      makeFolders(tree.root(), folder, 0);
    }
  }

  /** One by one: a link among them would lead out when the log is opened by its path. */
  private static void makeFolders(Directory parent, Path folder, int depth) throws IOException {
    if (depth == folder.getNameCount()) {
      return;
    }
    Name name = Name.of(folder.getName(depth).toString());
    boolean made = parent.stat(name) == null;
    if (made) {
      parent.createDirectory(name);
    }
    try (Directory child = parent.open(name)) {
      if (made) {
        // As the kubelet makes them: log collectors are not always root.
        Files.setPosixFilePermissions(
            Path.of(child.fd().procPath()), PosixFilePermissions.fromString("rwxr-xr-x"));
      }
      makeFolders(child, folder, depth + 1);
    }
  }

  private static Path relative(String logPath) {
    Path path = RequestText.absolutePath("log_path", "/" + logPath);
    if (path.getNameCount() == 0) {
      throw new ServiceException.InvalidArgument("log_path: names no file: '" + logPath + "'");
    }
    return Path.of("/").relativize(path);
  }
}
