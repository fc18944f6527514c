package io.crij.runtime.container.records;

import io.crij.runtime.names.Ids;
import java.nio.file.Path;

/**
 * Where a container keeps its things below the runroot: the bundle of the OCI runtime
 * (runtime-spec, bundle.md), and files of the monitor.
 *
 * @param path {@code <runroot>/containers/<id>}
 */
public record ContainerFolder(Path path) {
  /** The folder of all containers' folders. */
  public static Path parent(Path runroot) {
    return runroot.resolve("containers");
  }

  /**
   * @throws IllegalArgumentException when {@code id} is no id: it never leaves the parent folder
   */
  public static ContainerFolder of(Path runroot, String id) {
    if (!Ids.isId(id)) {
      throw new IllegalArgumentException("not a container's id: " + id);
    }
    return new ContainerFolder(parent(runroot).resolve(id));
  }

  public Path specification() {
    return path.resolve("config.json");
  }

  public Path rootfs() {
    return path.resolve("rootfs");
  }

  /** Of image volumes. */
  public Path volumes() {
    return path.resolve("volumes");
  }
}
