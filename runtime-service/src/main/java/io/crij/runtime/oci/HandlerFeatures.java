package io.crij.runtime.oci;

/**
 * What an OCI runtime can do beyond the basics.
 *
 * @param recursiveReadOnlyMounts mount option {@code rro} (runtime-spec 1.1, config.md, "Linux
 *     mount options")
 */
public record HandlerFeatures(boolean recursiveReadOnlyMounts) {}
