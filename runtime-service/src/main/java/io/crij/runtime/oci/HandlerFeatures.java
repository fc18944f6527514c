package io.crij.runtime.oci;

/**
 * What an OCI runtime can do beyond the basics.
 *
 * @param recursiveReadOnlyMounts mount option {@code rro} (runtime-spec 1.1, config.md, "Linux
 *     mount options")
 * @param userNamespaces containers in user namespaces, and id-mapped mounts (runtime-spec 1.2,
 *     features-linux.md, "mountExtensions")
 */
public record HandlerFeatures(boolean recursiveReadOnlyMounts, boolean userNamespaces) {
  /** The basics alone. */
  public static final HandlerFeatures NONE = new HandlerFeatures(false, false);
}
