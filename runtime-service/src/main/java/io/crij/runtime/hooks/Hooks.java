package io.crij.runtime.hooks;

import io.crij.runtime.ServiceException;
import io.crij.runtime.json.BadFileException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The hooks of an administrator's folders, as they are now. */
public final class Hooks {
  private static final int COUNT_LIMIT = 256;

  private Hooks() {}

  /**
   * Those for a container, by the names of their files whatever their case; a file of a later
   * folder replaces one of its name. Folders that are missing have none.
   *
   * @param annotations the Kubernetes annotations of the container and its pod
   * @param command the container's program
   * @param hasBindMounts whether its request names mounts
   * @throws ServiceException.FailedPrecondition naming a file that is wrong, and the field: nobody
   *     knows whether the container may run without it
   */
  public static List<Hook> matching(
      List<Path> folders, Map<String, String> annotations, String command, boolean hasBindMounts) {
    List<Hook> hooks = new ArrayList<>();
    for (Path file : files(folders)) {
      HookFile read = read(file);
      if (read.when().holds(annotations, command, hasBindMounts)) {
        hooks.addAll(read.hook());
      }
    }
    return hooks;
  }

  private static HookFile read(Path file) {
    try {
      return HookFile.read(file);
    } catch (BadFileException e) {
      throw new ServiceException.FailedPrecondition("hooks: " + e.getMessage(), e);
    }
  }

  private static Collection<Path> files(List<Path> folders) {
    Map<String, Path> byName = new TreeMap<>();
    for (Path folder : folders) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.json")) {
        for (Path file : found) {
          byName.put(file.getFileName().toString().toLowerCase(Locale.ROOT), file);
        }
      } catch (NoSuchFileException | NotDirectoryException _) {
        // As if it were empty.
      } catch (IOException e) {
        throw new ServiceException.FailedPrecondition(
            "hooks: " + folder + ": " + e.getMessage(), e);
      }
    }
    if (byName.size() > COUNT_LIMIT) {
      throw new ServiceException.FailedPrecondition("hooks: more than " + COUNT_LIMIT + " files");
    }
    return byName.values();
  }
}
