package io.crij.image;

import java.nio.file.Path;

/**
 * Settings of the image service.
 *
 * @param root for what survives a reboot, e.g. {@code /var/lib/crij}
 * @param runroot for what does not, e.g. {@code /run/crij}
 * @param registryHostsDir {@code <host>/hosts.toml} in containerd's format
 */
public record ImageServiceConfig(Path root, Path runroot, Path registryHostsDir) {}
