package io.crij.runtime.settings;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is mounted into containers, and how.
 *
 * @param readOnly whether every root file system is read-only, with memory at /run, /tmp and
 *     /var/tmp
 * @param timezone file of the node that is /etc/localtime; null: the image's
 * @param mountsFiles files that list mounts, {@code source:destination} a line; those that are
 *     missing say nothing
 * @param absentToReject paths of the node of which none is made when a request mounts it and it is
 *     missing
 * @param nodeRoot where crijd sees the root of the node, from which requests name what they mount;
 *     {@code /} unless crijd is in a container itself
 */
public record MountSettings(
    boolean readOnly,
    @Nullable Path timezone,
    List<Path> mountsFiles,
    List<Path> absentToReject,
    Path nodeRoot) {
  private static final Path ROOT = Path.of("/");

  /** Nothing beyond what each container has. */
  public static final MountSettings NONE =
      new MountSettings(false, null, List.of(), List.of(), ROOT);

  public MountSettings {
    mountsFiles = List.copyOf(mountsFiles);
    absentToReject = List.copyOf(absentToReject);
  }
}
