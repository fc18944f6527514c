package io.crij.runtime.oci.mounts;

import java.util.List;

/**
 * An entry of the mount table.
 *
 * @param destination absolute, in the container
 * @param type of file system; {@code bind} for a bind mount
 * @param options as of mount(8), with those the runtime-spec adds
 */
public record SpecMount(String destination, String type, String source, List<String> options) {
  public SpecMount {
    options = List.copyOf(options);
  }

  static SpecMount bind(String destination, String source, String... options) {
    return new SpecMount(destination, "bind", source, List.of(options));
  }
}
