package io.crij.runtime.sandbox;

import io.crij.linux.namespace.NamespaceType;
import io.crij.runtime.names.Ids;
import java.nio.file.Path;

/**
 * Where a sandbox keeps its things below the runroot.
 *
 * @param path {@code <runroot>/sandboxes/<id>}
 */
public record SandboxFolder(Path path) {
  static Path parent(Path runroot) {
    return runroot.resolve("sandboxes");
  }

  /**
   * @throws IllegalArgumentException when {@code id} is no id: it never leaves the parent folder
   */
  public static SandboxFolder of(Path runroot, String id) {
    if (!Ids.isId(id)) {
      throw new IllegalArgumentException("not a sandbox id: " + id);
    }
    return new SandboxFolder(parent(runroot).resolve(id));
  }

  public Path namespaces() {
    return path.resolve("ns");
  }

  /** Where the sandbox's own namespace of this type is pinned, if it has one. */
  public Path namespace(NamespaceType type) {
    return namespaces().resolve(type.procName());
  }

  /** Where the sandbox's own user namespace is pinned, if it has one. */
  public Path userNamespace() {
    return namespaces().resolve("user");
  }

  /**
   * A file system in memory, with all that the pod's containers may write to: its size is limited,
   * that of the run root's own would be the whole node's.
   */
  public Path files() {
    return path.resolve("files");
  }

  /** What containers see as {@code /dev/shm}, if the pod has one of its own. */
  public Path shm() {
    return files().resolve("shm");
  }

  public Path resolvConf() {
    return files().resolve("resolv.conf");
  }

  public Path hosts() {
    return files().resolve("hosts");
  }

  public Path hostname() {
    return files().resolve("hostname");
  }
}
