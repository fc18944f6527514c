package io.crij.runtime.oci.mounts;

import io.crij.cri.v1.IDMapping;
import java.util.List;

/**
 * An entry of the mount table.
 *
 * @param destination absolute, in the container
 * @param type of file system; {@code bind} for a bind mount
 * @param options as of mount(8), with those the runtime-spec adds
 * @param uids how owners are shown; empty: as they are
 * @param gids the same of groups; empty when {@code uids} is
 */
public record SpecMount(
    String destination,
    String type,
    String source,
    List<String> options,
    List<IDMapping> uids,
    List<IDMapping> gids) {
  public SpecMount {
    options = List.copyOf(options);
    uids = List.copyOf(uids);
    gids = List.copyOf(gids);
  }

  /** One whose owners are shown as they are. */
  public SpecMount(String destination, String type, String source, List<String> options) {
    this(destination, type, source, options, List.of(), List.of());
  }

  static SpecMount bind(String destination, String source, String... options) {
    return new SpecMount(destination, "bind", source, List.of(options));
  }
}
