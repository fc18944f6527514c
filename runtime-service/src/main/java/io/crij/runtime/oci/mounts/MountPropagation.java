package io.crij.runtime.oci.mounts;

import io.crij.linux.mount.MountEntry;
import io.crij.linux.mount.MountTable;
import java.nio.file.Path;

/**
 * How mounts propagate to and from a path (mount_namespaces(7), "Shared subtrees").
 *
 * @param shared mounts made below it are seen by its peers
 * @param slave mounts made in its master are seen below it
 */
record MountPropagation(boolean shared, boolean slave) {
  boolean receives() {
    return shared || slave;
  }

  /** Of the mount that {@code path}, a real path, lies on. */
  static MountPropagation of(Path path) {
    MountPropagation found = new MountPropagation(false, false);
    int depth = -1;
    for (MountEntry entry : MountTable.read().entries()) {
      Path point = Path.of(entry.mountPoint());
      // The last of several mounts at one place covers the others.
      if (path.startsWith(point) && point.getNameCount() >= depth) {
        depth = point.getNameCount();
        found =
            new MountPropagation(
                entry.propagation().stream().anyMatch(field -> field.startsWith("shared:")),
                entry.propagation().stream().anyMatch(field -> field.startsWith("master:")));
      }
    }
    return found;
  }
}
