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
 */
public record MountSettings(
    boolean readOnly, @Nullable Path timezone, List<Path> mountsFiles, List<Path> absentToReject) {
  /** Nothing beyond what each container has. */
  public static final MountSettings NONE = new MountSettings(false, null, List.of(), List.of());

  public MountSettings {
    mountsFiles = List.copyOf(mountsFiles);
    absentToReject = List.copyOf(absentToReject);
  }
}
