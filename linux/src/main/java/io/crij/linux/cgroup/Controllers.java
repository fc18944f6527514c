package io.crij.linux.cgroup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the files of a group are, by the version of cgroups (Linux, Documentation/admin-guide/
 * cgroup-v1 and cgroup-v2.rst). A group is named by its path below the hierarchies' roots. Each
 * figure is one small file; no folder is listed.
 */
public sealed interface Controllers permits FirstControllers, UnifiedControllers {
  /** Those of this node. */
  static Controllers ofNode() {
    return of(CgroupFolder.ROOT);
  }

  /**
   * Those below a folder.
   *
   * @param root where all hierarchies are mounted, or the only one
   */
  static Controllers of(Path root) {
    return Files.exists(root.resolve("cgroup.controllers"))
        ? new UnifiedControllers(root)
        : new FirstControllers(root);
  }

  /**
   * What the group uses; null when there is no such group, or no more.
   *
   * @param files of this group, which stay open until they are closed
   */
  @Nullable GroupUsage usage(String group, KeptFiles files);

  /** More of the group, in many more files; 0 of what is gone. */
  GroupDetails details(String group);

  /** Whether all of the group is still there: then what was read of it before is whole. */
  boolean exists(String group);

  /** The group's folder in the hierarchy that tells its processes. */
  CgroupFolder folder(String group);

  /**
   * The content of a file without space around it; null when it is not there, or its group is gone.
   */
  static @Nullable String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.US_ASCII).strip();
    } catch (IOException _) {
      return null; // also ENODEV: the group was removed after its file was opened
    }
  }

  /** Those of a group of version 2, which also a node of version 1 can have. */
  static GroupUsage.Pressures pressures(Path folder, KeptFiles files) {
    Pressure cpu = pressure(folder.resolve("cpu.pressure"), files);
    return cpu == null
        ? GroupUsage.Pressures.NONE
        : new GroupUsage.Pressures(
            cpu,
            pressure(folder.resolve("memory.pressure"), files),
            pressure(folder.resolve("io.pressure"), files));
  }

  private static @Nullable Pressure pressure(Path file, KeptFiles files) {
    String text = files.read(file);
    return text == null ? null : Pressure.parse(text);
  }

  /** The group's folder below a hierarchy's root. */
  static Path below(Path root, String group) {
    return root.resolve(group.substring(group.startsWith("/") ? 1 : 0));
  }
}
