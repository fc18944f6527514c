package io.crij.runtime.oci.mounts;

import io.crij.runtime.ServiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Mounts that the node's administrator lists for every container (containers-mounts.conf(5)):
 * {@code source:destination} a line. Read at each creation. They are read-only; a source that is
 * missing is passed over, and so is a destination that a file before it has.
 */
final class ListedMounts {
  private static final long MAX_FILE_BYTES = 64 << 10;

  private ListedMounts() {}

  /**
   * @throws ServiceException.FailedPrecondition naming file and line
   */
  static List<SpecMount> of(List<Path> files) {
    Map<String, SpecMount> byDestination = new LinkedHashMap<>();
    for (Path file : files) {
      List<String> lines = lines(file);
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i).strip();
        if (!line.isEmpty() && !line.startsWith("#")) {
          add(byDestination, line, file + ":" + (i + 1));
        }
      }
    }
    return new ArrayList<>(byDestination.values());
  }

  private static List<String> lines(Path file) {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new ServiceException.FailedPrecondition(
            file + ": larger than " + MAX_FILE_BYTES + " bytes");
      }
      return Files.readAllLines(file);
    } catch (NoSuchFileException _) {
      return List.of();
    } catch (IOException e) {
      throw new ServiceException.FailedPrecondition(
          "default mounts: " + file + ": " + e.getMessage(), e);
    }
  }

  private static void add(Map<String, SpecMount> byDestination, String line, String where) {
    int colon = line.indexOf(':');
    String source = colon < 0 ? line : line.substring(0, colon);
    String destination = colon < 0 ? line : line.substring(colon + 1);
    if (!source.startsWith("/") || !destination.startsWith("/") || line.indexOf('\0') >= 0) {
      throw new ServiceException.FailedPrecondition(
          "default mounts: " + where + ": not SOURCE:DESTINATION of absolute paths: " + line);
    }
    Path inside = Path.of(destination).normalize();
    if (inside.getNameCount() == 0) {
      throw new ServiceException.FailedPrecondition("default mounts: " + where + ": over /");
    }
    Path real = real(Path.of(source));
    if (real != null) {
      byDestination.putIfAbsent(
          inside.toString(),
          SpecMount.bind(inside.toString(), real.toString(), "rbind", "rprivate", "ro"));
    }
  }

  /** Null where nothing is. */
  private static @Nullable Path real(Path source) {
    try {
      return HostPaths.NODE.real(source, false);
    } catch (NoSuchFileException _) {
      return null;
    } catch (IOException e) {
      throw new ServiceException.FailedPrecondition(
          "default mounts: " + source + ": " + e.getMessage(), e);
    }
  }
}
