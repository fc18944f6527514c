package io.crij.runtime.cdi;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A device file for a container. What is null is as the node's device has it.
 *
 * @param inside where it is in the container
 * @param host the node's device
 * @param permissions made of r, w and m
 */
public record DeviceNode(
    Path inside,
    Path host,
    String permissions,
    @Nullable Integer fileMode,
    @Nullable Long uid,
    @Nullable Long gid) {}
