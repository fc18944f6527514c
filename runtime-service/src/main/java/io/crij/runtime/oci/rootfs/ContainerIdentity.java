package io.crij.runtime.oci.rootfs;

import java.util.List;

/**
 * Whom the container's first process runs as; numbers inside the container.
 *
 * @param groups all further groups; {@code gid} is among them, so that a file's permissions for a
 *     group that are narrower than those for others hold against it (CVE-2022-2995)
 */
public record ContainerIdentity(long uid, long gid, List<Long> groups) {
  public ContainerIdentity {
    groups = List.copyOf(groups);
  }
}
